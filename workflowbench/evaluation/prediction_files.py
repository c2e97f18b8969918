"""Predictions from a file: what a model answered elsewhere, e.g. a checkpoint on a GPU machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from workflowbench.evaluation.answer_files import check_ids, read_lines, text_field
from workflowbench.evaluation.answer_reading import read_answer
from workflowbench.shortcuts.batch import encodable
from workflowbench.tables import PREDICTIONS

FILE_PROMPT = "file"
"""Prompt of predictions whose prompt is not known."""


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """A line of a file of answers.

    Attributes:
        text: The answer; None if the model gave none.
        finish_reason: Why it stopped, if that is known.
        prompt_tokens: Tokens of the prompt, if known.
        completion_tokens: Tokens of the answer, if known.
        error: Why there is no answer.

    """

    text: str | None
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    error: str | None = None


def read_predictions(path: Path, samples: pl.DataFrame, *, model: str, setting: str) -> pl.DataFrame:
    """Read the answers of a model to every test sample.

    A line is an object with `id` and `answer`, and may have `finish_reason`, `prompt_tokens` and
    `completion_tokens`; or a line of OpenAI's batch results, as inference jobs write them, whose `custom_id`
    is the sample's id.

    Args:
        path: The file, in any order.
        samples: Rows of `workflowbench` that were asked.
        model: Name of the model.
        setting: Setting that the samples are a test of.

    Returns:
        Rows of `predictions`, sorted by key.

    Raises:
        AnswerFileError: A line is no answer or repeats an id, or ids are missing or unknown.

    """
    answers = read_lines(path, _line)
    check_ids(answers, samples["sample_id"].to_list())
    rows = (
        {"model": model, "setting": setting, "sample_id": sample_id, **_row(answer)}
        for sample_id, answer in answers.items()
    )
    return PREDICTIONS.frame(rows).sort(PREDICTIONS.key)


def _line(line: Mapping[str, Any]) -> tuple[str, FileAnswer]:
    if "custom_id" in line:
        return text_field(line, "custom_id"), _batch_answer(line)
    finish = line.get("finish_reason")
    if not isinstance(finish, str | None):
        raise ValueError("finish_reason is no text")
    return text_field(line, "id"), FileAnswer(text_field(line, "answer"), finish, *_tokens(line))


def _batch_answer(line: Mapping[str, Any]) -> FileAnswer:
    match line:
        case {"response": {"body": {"choices": [{"message": {"content": str(text)}, **choice}, *_], **body}}}:
            usage = body.get("usage")
            finish = choice.get("finish_reason")
            return FileAnswer(
                text,
                finish if isinstance(finish, str) else None,
                *_tokens(usage if isinstance(usage, Mapping) else {}),
            )
        case {"error": {"message": str(message)}}:
            return FileAnswer(None, error=message)
    raise ValueError("neither an answer nor an error of a batch")


def _row(answer: FileAnswer) -> dict[str, object]:
    given: dict[str, object] = {
        "prompt": FILE_PROMPT,
        "examples": [],
        "finish_reason": answer.finish_reason,
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
    }
    if answer.text is None:
        return given | {"code": "", "rule": "no_answer", "detail": encodable(answer.error or "")}
    found = read_answer(answer.text, answer.finish_reason)
    return given | {
        "answer": encodable(answer.text),
        "task_plan": found.task_plan,
        "code": encodable(found.code),
        "rule": found.rule,
        "detail": found.detail,
    }


def _tokens(usage: Mapping[str, Any]) -> tuple[int | None, int | None]:
    return _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))


def _count(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no number of tokens")
    return value
