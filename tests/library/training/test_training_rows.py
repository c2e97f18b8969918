import orjson
import polars as pl
import pytest

from workflowbench.generation.answers import parse
from workflowbench.training.conversations import read_conversations
from workflowbench.training.errors import JobError
from workflowbench.training.training_rows import training_rows, write_rows

STUBS = {"a.one": "def a_one(): ...", "a.two": "def a_two(): ..."}


def workflows(*names: str, apis=("a.one",)) -> pl.DataFrame:
    rows = [
        {
            "workflow_id": name,
            "query": f"Do {name}.",
            "task_plan": f"1. {name}",
            "code": "a_one()",
            "apis": [*apis],
        }
        for name in names
    ]
    return pl.DataFrame(rows)


def splits(**by_name: str) -> pl.DataFrame:
    return pl.DataFrame({"workflow_id": [*by_name], "split": [*by_name.values()]})


def rows_of(frame: pl.DataFrame, drawn: pl.DataFrame):
    return training_rows(frame, drawn, STUBS, key="workflow_id", apis="apis")


def test_only_train_and_dev_become_rows():
    rows = rows_of(workflows("w", "x", "y", "z"), splits(w="train", x="dev", y="test", z="excluded"))
    assert ([row["id"] for row in rows.train], [row["id"] for row in rows.dev]) == (["w"], ["x"])


def test_a_row_is_the_prompt_of_generation_and_an_answer_that_parses():
    (row,) = rows_of(workflows("w"), splits(w="train")).train
    _, user, answer = row["messages"]
    assert [message["role"] for message in row["messages"]] == ["system", "user", "assistant"]
    assert "Do w." in user["content"]
    assert STUBS["a.one"] in user["content"]
    assert STUBS["a.two"] not in user["content"]
    made = parse(answer["content"])
    assert (made.task_plan, made.code) == ("1. w", "a_one()")


def test_a_workflow_with_an_api_that_is_not_documented_is_left_out_and_counted():
    frame = pl.concat([workflows("w"), workflows("x", apis=("a.one", "a.three"))])
    rows = rows_of(frame, splits(w="train", x="train"))
    assert ([row["id"] for row in rows.train], rows.undocumented) == (["w"], ["x"])


def test_an_empty_training_set_is_an_error_that_says_what_to_do():
    with pytest.raises(JobError, match="nothing to learn"):
        rows_of(workflows("w"), splits(w="test"))


def test_the_training_program_reads_what_is_written(tmp_path):
    rows = rows_of(workflows("w", "x"), splits(w="train", x="train"))
    write_rows(tmp_path / "train.jsonl", rows.train)
    assert [c.id for c in read_conversations(tmp_path / "train.jsonl", "train")] == ["w", "x"]
    assert orjson.loads((tmp_path / "train.jsonl").read_bytes().splitlines()[0]) == rows.train[0]
