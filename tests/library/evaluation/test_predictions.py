"""Answers of models under test, one row each."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from workflowbench.catalogue import Catalogue
from workflowbench.evaluation.predictions import predict, samples_of
from workflowbench.generation.prompting import answer_text
from workflowbench.llm.questions import NoAnswer, Question
from workflowbench.tables import PREDICTIONS, SPLITS

Scripted = Callable[..., Any]


def one(samples: pl.DataFrame, name: str) -> pl.DataFrame:
    return samples.filter(pl.col("sample_id") == name)


def others(samples: pl.DataFrame, name: str) -> pl.DataFrame:
    return samples.filter(pl.col("sample_id") != name)


def test_samples_are_taken_by_setting_and_split(samples: pl.DataFrame) -> None:
    drawn = [("battery", "id", "test"), ("battery", "ood", "train"), ("page", "id", "train")]
    splits = SPLITS.frame(
        {"sample_id": name, "setting": setting, "split": split, "family": name}
        for name, setting, split in drawn
    )
    assert samples_of(samples, splits, setting="id", split="test")["sample_id"].to_list() == ["battery"]


def test_a_model_is_given_the_documents_of_the_samples_apis(
    samples: pl.DataFrame, catalogue: Catalogue, scripted: Scripted
) -> None:
    model = scripted(lambda _: answer_text("1. Do it.", "x = 1"))
    done = predict(one(samples, "page"), samples.clear(), catalogue, setting="id", model=model)
    assert done.schema == PREDICTIONS.schema
    (row,) = done.to_dicts()
    assert (row["model"], row["task_plan"], row["code"], row["rule"]) == (
        "scripted@1",
        "1. Do it.",
        "x = 1",
        None,
    )
    assert (row["finish_reason"], row["prompt_tokens"], row["completion_tokens"]) == ("stop", 7, 3)
    user = model.asked[0].user
    assert "def is_workflow_actions_downloadurl(" in user
    assert "def is_workflow_actions_speaktext(" not in user


def test_one_training_sample_is_shown_and_named(
    samples: pl.DataFrame, catalogue: Catalogue, scripted: Scripted
) -> None:
    model = scripted(lambda _: answer_text("1.", "x = 1"))
    training = others(samples, "page")
    done = predict(one(samples, "page"), training, catalogue, setting="id", model=model, icl=True)
    (row,) = done.to_dicts()
    assert row["model"] == "scripted@1+icl"
    (shown,) = row["examples"]
    assert shown in training["workflow_id"].to_list()
    assert model.asked[0].user.count("Example of a request") == 1
    again = predict(one(samples, "page"), training.reverse(), catalogue, setting="id", model=model, icl=True)
    assert again.equals(done)


def test_every_sample_has_a_row_whatever_comes_of_it(
    samples: pl.DataFrame, catalogue: Catalogue, scripted: Scripted
) -> None:
    answers = {
        "predict/battery": "I am sorry, no.",
        "predict/page": "Thought: x\n```python\ny = 2\n",
        "predict/warning": NoAnswer("predict/warning", "cut_off", "Too long."),
    }
    model = scripted(lambda question: answers[question.id])
    done = predict(samples, samples.clear(), catalogue, setting="ood", model=model)
    rows = done.select("sample_id", "rule", "finish_reason", "code").rows()
    assert rows == [
        ("battery", "refused", "stop", ""),
        ("page", "cut_off", "stop", "\ny = 2\n"),
        ("warning", "cut_off", "length", ""),
    ]


def test_retrieval_adapts_a_training_sample(samples: pl.DataFrame, catalogue: Catalogue) -> None:
    done = predict(
        one(samples, "warning"), others(samples, "warning"), catalogue, setting="id", model="retrieval"
    )
    (row,) = done.to_dicts()
    assert (row["model"], row["rule"], row["prompt_tokens"]) == ("retrieval", None, 0)
    assert "is_workflow_actions_alert(" in row["code"]


def test_a_test_sample_may_not_be_shown(samples: pl.DataFrame, catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="3 test samples"):
        predict(samples, samples, catalogue, setting="id", model="retrieval")


def test_retrieval_needs_something_to_adapt(samples: pl.DataFrame, catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="no training sample"):
        predict(samples, samples.clear(), catalogue, setting="id", model="retrieval")


def test_the_same_question_is_asked_again_after_a_failure(
    samples: pl.DataFrame, catalogue: Catalogue, scripted: Scripted
) -> None:
    def asked() -> list[Question]:
        model = scripted(lambda _: answer_text("1.", "x = 1"))
        predict(one(samples, "page"), others(samples, "page"), catalogue, setting="id", model=model, icl=True)
        return list(model.asked)

    assert asked() == asked()
