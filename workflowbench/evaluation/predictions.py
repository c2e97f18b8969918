"""Predictions: what a model under test answers to the test samples of a setting.

Every sample gets one row, whatever comes of it. Model and retrieval see the same APIs, those of the sample:
choosing them is no part of the task.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import polars as pl

from workflowbench.catalogue.collection import Catalogue
from workflowbench.catalogue.rendering import python_stub
from workflowbench.evaluation.answer_reading import CUT_OFF, LENGTH, read_answer
from workflowbench.generation import prompting, retrieval
from workflowbench.generation.generating import MOST_ANSWER_TOKENS
from workflowbench.generation.retrieval import RetrievalAnnotator
from workflowbench.llm.questions import Answer, Model, NoAnswer, Question
from workflowbench.quality.program_calls import CONSTRUCTS
from workflowbench.shortcuts.program_errors import ProgramError
from workflowbench.tables import PREDICTIONS

ICL: Final = "+icl"
"""Ends the name of a model that was shown one in-context example."""

Row = dict[str, Any]


def samples_of(samples: pl.DataFrame, splits: pl.DataFrame, *, setting: str, split: str) -> pl.DataFrame:
    """The samples of a split of a setting, sorted by id.

    Args:
        samples: Rows of `workflowbench`.
        splits: Rows of `splits`.
        setting: `id` or `ood`.
        split: `test` is what `predict` answers, `train` what it may learn from.

    """
    drawn = splits.filter(pl.col("setting") == setting, pl.col("split") == split)
    return samples.join(drawn, on="sample_id", how="semi").sort("sample_id")


def predict(
    samples: pl.DataFrame,
    training: pl.DataFrame,
    catalogue: Catalogue,
    *,
    setting: str,
    model: Literal["retrieval"] | Model,
    icl: bool = False,
) -> pl.DataFrame:
    """Answer each test sample.

    A model that stops half-way is asked again by calling this again: what it answered is in its ledger.

    Args:
        samples: Rows of `workflowbench` to answer.
        training: Rows of `workflowbench` that may be adapted or shown; none of `samples` may be among them.
        catalogue: The documentation of the APIs.
        setting: Setting that the samples are a test of.
        model: A chat model, or `retrieval`, which adapts the nearest training sample by rules.
        icl: Whether a model is shown one training sample, drawn at random for each test sample as in the
            paper.

    Returns:
        Rows of `predictions`, sorted by key.

    Raises:
        ValueError: A sample is among what may be shown, or nothing may be shown although it should.

    """
    _check_apart(samples, training)
    needs_training = icl or model == "retrieval"
    if needs_training and training.is_empty():
        raise ValueError("there is no training sample to show or adapt")
    asked = samples.sort("sample_id").to_dicts()
    if model == "retrieval":
        rows = _retrieved(asked, training, catalogue)
        name = retrieval.ANNOTATOR
    else:
        rows = _asked(asked, training.sort("sample_id") if icl else None, catalogue, model)
        name = model.name + ICL if icl else model.name
    named = ({"model": name, "setting": setting, **row} for row in rows)
    return PREDICTIONS.frame(named).sort(PREDICTIONS.key)


def _check_apart(samples: pl.DataFrame, training: pl.DataFrame) -> None:
    shared = samples.join(training, on="sample_id", how="semi")
    if shared.height:
        raise ValueError(f"{shared.height} test samples are among the training samples")


def _retrieved(asked: Sequence[Row], training: pl.DataFrame, catalogue: Catalogue) -> Iterator[Row]:
    annotator = RetrievalAnnotator(training.unique("workflow_id", keep="first"), catalogue)
    for sample in asked:
        row = _row(sample, retrieval.PROMPT) | {"prompt_tokens": 0, "completion_tokens": 0}
        try:
            made = annotator.write(sample["query"], [catalogue[api] for api in documented(sample, catalogue)])
        except ProgramError as error:
            detail = f"The nearest training sample does not compile: {error}."
            yield row | {"rule": "unusable_seed", "detail": detail}
            continue
        answer = prompting.answer_text(made.task_plan, made.code)
        yield row | _read(answer, "stop") | {"examples": list(made.examples)}


def _asked(
    asked: Sequence[Row], shown: pl.DataFrame | None, catalogue: Catalogue, model: Model
) -> Iterator[Row]:
    examples = [_example(sample, shown) for sample in asked]
    questions = (
        _question(sample, example, catalogue) for sample, example in zip(asked, examples, strict=True)
    )
    for sample, example, outcome in zip(asked, examples, model.ask(questions), strict=True):
        seen = [each.workflow_id for each in example]
        yield _row(sample, prompting.PROMPT) | {"examples": seen} | _outcome(outcome)


def _example(sample: Row, shown: pl.DataFrame | None) -> list[prompting.Demonstration]:
    """At most one training sample, drawn by the sample's id."""
    if shown is None:
        return []
    place = random.Random(f"icl/{sample['sample_id']}").randrange(shown.height)  # noqa: S311 - no secret
    return [prompting.Demonstration(*shown.select("workflow_id", "query", "task_plan", "code").row(place))]


def _question(sample: Row, examples: Sequence[prompting.Demonstration], catalogue: Catalogue) -> Question:
    stubs = [python_stub(catalogue[api]) for api in documented(sample, catalogue)]
    system, user = prompting.chat_messages(sample["query"], stubs, examples)
    return Question(
        f"predict/{sample['sample_id']}",
        prompting.PROMPT,
        system["content"],
        user["content"],
        max_tokens=MOST_ANSWER_TOKENS,
    )


def documented(sample: Row, catalogue: Catalogue) -> list[str]:
    """The APIs of a sample whose documents a model is given: those that the language has no form for."""
    return [api for api in sample["given_apis"] if api not in CONSTRUCTS and api in catalogue]


def _outcome(outcome: Answer | NoAnswer) -> Row:
    if isinstance(outcome, Answer):
        tokens = {"prompt_tokens": outcome.prompt_tokens, "completion_tokens": outcome.completion_tokens}
        return _read(outcome.text, "stop") | tokens
    finish = LENGTH if outcome.rule == CUT_OFF else None
    return {"rule": outcome.rule, "detail": outcome.detail, "finish_reason": finish}


def _read(answer: str, finish_reason: str | None) -> Row:
    found = read_answer(answer, finish_reason)
    return {
        "answer": answer,
        "task_plan": found.task_plan,
        "code": found.code,
        "rule": found.rule,
        "detail": found.detail,
        "finish_reason": finish_reason,
    }


def _row(sample: Row, prompt: str) -> Row:
    return {"sample_id": sample["sample_id"], "prompt": prompt, "examples": [], "code": ""}
