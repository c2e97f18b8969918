import orjson
import pytest

from workflowbench.inference.lines import AnswerFile, Completion, read_requests
from workflowbench.training.errors import JobError

BODY = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 5}


def write(path, *rows):
    path.write_bytes(b"".join(row if isinstance(row, bytes) else orjson.dumps(row) + b"\n" for row in rows))
    return path


def test_requests_are_read_in_order(tmp_path):
    path = write(tmp_path / "in", {"custom_id": "b", "body": BODY}, {"custom_id": "a", "body": BODY})
    assert [request.custom_id for request in read_requests(path)] == ["b", "a"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (b"{\n", "is no JSON"),
        ({"body": BODY}, "no text `custom_id`"),
        ({"custom_id": "x", "body": {}}, "no `body` with `messages`"),
    ],
)
def test_a_malformed_request_is_named(tmp_path, row, message):
    with pytest.raises(JobError, match=f"Line 2 of .*{message}"):
        read_requests(write(tmp_path / "in", {"custom_id": "a", "body": BODY}, row))


def test_an_id_that_comes_twice_is_named(tmp_path):
    row = {"custom_id": "a", "body": BODY}
    with pytest.raises(JobError, match=r"Line 2 .*'a' came before"):
        read_requests(write(tmp_path / "in", row, row))


def test_an_answer_is_a_line_of_a_batch_file(tmp_path):
    with AnswerFile(tmp_path / "out", "tiny") as answers:
        answers.write("a", Completion("Hi", "stop", 7, 2))
    (row,) = map(orjson.loads, (tmp_path / "out").read_bytes().splitlines())
    assert (row["custom_id"], row["error"], row["response"]["status_code"]) == ("a", None, 200)
    assert row["response"]["body"]["choices"][0]["message"]["content"] == "Hi"
    assert row["response"]["body"]["usage"]["total_tokens"] == 9


def test_a_line_that_was_cut_off_is_asked_for_again(tmp_path):
    path = tmp_path / "out"
    with AnswerFile(path, "tiny") as answers:
        answers.write("a", Completion("Hi", "stop", 7, 2))
        answers.write("b", Completion("Ho", "stop", 7, 2))
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert AnswerFile(path, "tiny").answered == {"a", "b"} - ({"b"} if end < len(whole) else set()) - (
            {"a"} if end <= whole.index(b"\n") else set()
        )


def test_a_request_that_failed_is_asked_for_again(tmp_path):
    with AnswerFile(tmp_path / "out", "tiny") as answers:
        answers.write_error("a", "too long")
    again = AnswerFile(tmp_path / "out", "tiny")
    assert (again.answered, (tmp_path / "out").read_bytes()) == (set(), b"")
