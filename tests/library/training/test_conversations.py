import orjson
import pytest

from workflowbench.training.conversations import read_conversations
from workflowbench.training.errors import JobError

MESSAGES = [{"role": "user", "content": "Do it."}, {"role": "assistant", "content": "Done."}]


def written(tmp_path, *rows):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"".join(row if isinstance(row, bytes) else orjson.dumps(row) + b"\n" for row in rows))
    return path


def row(**changes):
    return {"id": "a", "split": "train", "messages": MESSAGES, **changes}


def test_conversations_are_read_in_order(tmp_path):
    path = written(tmp_path, row(), b"\n", row(id="b"))
    assert [conversation.id for conversation in read_conversations(path, "train")] == ["a", "b"]


@pytest.mark.parametrize("split", ["test", "dev", None])
def test_a_row_of_another_split_stops_the_run(tmp_path, split):
    with pytest.raises(JobError, match=r"Line 2 of .*only 'train' rows"):
        read_conversations(written(tmp_path, row(), row(id="b", split=split)), "train")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (b"{\n", "is no JSON"),
        (b"[]\n", "has no text `id`"),
        (row(id=3), "has no text `id`"),
        (row(messages="hi"), "no list of `messages`"),
        (row(messages=[]), "no list of `messages`"),
        (row(messages=[{"role": "robot", "content": "x"}]), "`role` of system, user, assistant"),
        (row(messages=[{"role": "assistant", "content": 3}]), "text `content`"),
        (row(messages=MESSAGES[:1]), "must be the assistant's"),
        (row(messages=[MESSAGES[1], *MESSAGES]), "must be the assistant's"),
        (row(messages=[MESSAGES[0], {"role": "assistant", "content": " \n"}]), "nothing to learn"),
    ],
)
def test_a_malformed_line_is_named(tmp_path, fault, message):
    with pytest.raises(JobError, match=f"Line 1 of .*{message}"):
        read_conversations(written(tmp_path, fault), "train")


def test_an_id_that_comes_twice_is_named(tmp_path):
    with pytest.raises(JobError, match="the id 'a' twice"):
        read_conversations(written(tmp_path, row(), row()), "train")


def test_an_empty_file_is_an_error(tmp_path):
    with pytest.raises(JobError, match="holds no conversation"):
        read_conversations(written(tmp_path), "train")
