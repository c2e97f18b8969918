"""Files of answers that were written elsewhere."""

import json
from pathlib import Path

import polars as pl
import pytest

from workflowbench.evaluation.answer_files import AnswerFileError
from workflowbench.evaluation.prediction_files import read_predictions
from workflowbench.tables import PREDICTIONS

GOOD = "Thought: 1.\n```python\nx = 1\n```"


def read(folder: Path, samples: pl.DataFrame, *lines: object) -> pl.DataFrame:
    path = folder / "answers.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return read_predictions(path, samples, model="m", setting="id")


def plain(sample_id: str, **more: object) -> dict[str, object]:
    return {"id": sample_id, "answer": GOOD, **more}


def test_answers_come_in_any_order_and_shape(tmp_path: Path, samples: pl.DataFrame) -> None:
    choice = {"message": {"content": GOOD}, "finish_reason": "length"}
    body = {"choices": [choice], "usage": {"prompt_tokens": 5, "completion_tokens": 6}}
    done = read(
        tmp_path,
        samples,
        plain("warning", prompt_tokens=9),
        {"custom_id": "page", "response": {"status_code": 200, "body": body}, "error": None},
        "",
        {"custom_id": "battery", "response": {"body": None}, "error": {"message": "too long"}},
    )
    assert done.schema == PREDICTIONS.schema
    columns = ("sample_id", "rule", "finish_reason", "prompt_tokens", "completion_tokens", "code")
    assert done.select(columns).rows() == [
        ("battery", "no_answer", None, None, None, ""),
        ("page", "cut_off", "length", 5, 6, "x = 1"),
        ("warning", None, None, 9, None, "x = 1"),
    ]


def test_missing_and_unknown_ids_are_named(tmp_path: Path, samples: pl.DataFrame) -> None:
    with pytest.raises(AnswerFileError, match="2 missing: page, warning; 1 unknown: other"):
        read(tmp_path, samples, plain("battery"), plain("other"))


def test_a_repeated_id_is_named_with_both_lines(tmp_path: Path, samples: pl.DataFrame) -> None:
    with pytest.raises(AnswerFileError, match=r"line 2: id 'page' was used on line 1"):
        read(tmp_path, samples, plain("page"), plain("page"))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "Expecting"),
        ("[]", "not an object"),
        ({"id": "page"}, "answer is missing"),
        ({"answer": GOOD}, "id is missing"),
        (plain("page", prompt_tokens="x"), "no number of tokens"),
        ({"custom_id": "page", "response": {}}, "neither an answer nor an error"),
    ],
)
def test_a_line_that_is_no_answer_is_named(
    tmp_path: Path, samples: pl.DataFrame, line: object, fault: str
) -> None:
    with pytest.raises(AnswerFileError, match=rf"line 2: .*{fault}"):
        read(tmp_path, samples, plain("battery"), line)


def test_half_a_character_does_not_reach_the_table(tmp_path: Path, samples: pl.DataFrame) -> None:
    lines = [{**plain(name), "answer": "\ud800"} for name in samples["sample_id"]]
    assert set(read(tmp_path, samples, *lines)["answer"]) == {"\\ud800"}
