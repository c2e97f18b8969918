"""Replies of any shape: read, or refused by name; never a crash."""

import contextlib
import time
from typing import Any

import pytest
from exchanges import question
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowbench.llm.replies import MAX_COMPLAINT, BadReplyError, Complaint, Reply, judge
from workflowbench.llm.results import Result, result_frame

RULES = {"refused", "cut_off", "empty", "malformed_json", "wrong_schema", "wrong_content"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
COMPLETION_LIKE = st.fixed_dictionaries(
    {"choices": st.lists(st.fixed_dictionaries({"message": JSON, "finish_reason": JSON})), "model": JSON},
    optional={"usage": JSON},
)


def reply(text: str, **fields: Any) -> Reply:
    given_fields = {"refusal": None, "finish_reason": "stop", "model": "tiny"}
    return Reply(text=text, prompt_tokens=1, completion_tokens=1, **(given_fields | fields))


@settings(max_examples=50)
@given(JSON | COMPLETION_LIKE)
def test_any_response_is_read_or_refused(response: object) -> None:
    with contextlib.suppress(BadReplyError):
        assert isinstance(Reply.of(response), Reply)


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    _, complaint = judge(question(1), reply(text))
    assert isinstance(complaint, Complaint)
    assert complaint.rule in RULES


def test_an_answer_without_end_is_refused() -> None:
    schema = {"$ref": "#/$defs/nest", "$defs": {"nest": {"items": {"$ref": "#/$defs/nest"}}}}
    _, complaint = judge(question(1, schema=schema), reply("[" * 900 + "]" * 900))
    assert complaint is not None
    assert complaint.rule in ("malformed_json", "wrong_schema")


def test_a_complaint_is_short() -> None:
    _, complaint = judge(question(1), reply('{"answer": ["' + "x" * 5000 + '"]}'))
    assert complaint is not None
    assert len(complaint.detail) <= MAX_COMPLAINT


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": -1}, {"prompt_tokens": "many"}, 7])
def test_usage_that_is_none_counts_nothing(usage: object) -> None:
    choices = [{"message": {"content": "yes"}}]
    assert Reply.of({"choices": choices, "model": "tiny", "usage": usage}).prompt_tokens == 0


def test_results_of_a_batch_are_rows() -> None:
    lines = [
        b'{"custom_id": "a", "response": {"status_code": 200, "body": {"x": 1}}, "error": null}',
        b'{"custom_id": "b", "response": null, "error": {"code": "batch_expired"}}',
        b"{torn",
    ]
    assert result_frame(lines).rows() == [
        ("a", 200, '{"x":1}', None),
        ("b", 0, None, '{"code":"batch_expired"}'),
    ]


@settings(max_examples=50)
@given(st.binary() | JSON.map(lambda value: str(value).encode()))
def test_any_line_is_read_or_left_out(line: bytes) -> None:
    assert Result.of(line) is None


@pytest.mark.parametrize("text", ["```json\n" + "\n" * 1_000_000 + "x", "```\n" + "```\n" * 300_000 + "x"])
def test_a_long_text_is_judged_in_linear_time(text: str) -> None:
    started = time.monotonic()
    _, complaint = judge(question(1), reply(text))
    assert complaint is not None
    assert complaint.rule == "malformed_json"
    assert time.monotonic() - started < 5


def test_a_model_without_a_name_answers_as_well() -> None:
    assert Reply.of({"choices": [{"message": {"content": "yes"}}]}).model == ""


@pytest.mark.parametrize("finish_reason", ["length", "max_tokens", "model_length"])
def test_an_answer_at_the_limit_of_tokens_is_cut_off(finish_reason: str) -> None:
    _, complaint = judge(question(1), reply('{"answer": "y', finish_reason=finish_reason))
    assert complaint is not None
    assert complaint.rule == "cut_off"
