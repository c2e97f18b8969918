"""Requests: keys that stay, and lines of batch files."""

from dataclasses import replace

import orjson
import pytest
from exchanges import question

from workflowbench.llm.requests import ENDPOINT, Request, RequestSettings, request_frame

SETTINGS = RequestSettings(model="tiny")


def key(**changes: object) -> str:
    asked = {name: value for name, value in changes.items() if name in ("user", "system", "schema", "seed")}
    said = {name: value for name, value in changes.items() if name not in asked}
    return Request.of(question(1, **asked), replace(SETTINGS, **said)).key


def test_the_key_of_a_request_never_changes() -> None:
    assert key() == "e5ba15999126533a2e724b08266b5043c1b261f26036e49cb6c53407b695aed1"


def test_the_order_of_a_schema_changes_nothing() -> None:
    schema = question(1).schema
    assert key(schema=dict(reversed(schema.items()))) == key()


def test_the_id_and_the_prompt_name_are_not_part_of_the_key() -> None:
    assert Request.of(replace(question(1), id="other", prompt="other@2"), SETTINGS).key == key()


@pytest.mark.parametrize(
    "change",
    [
        {"user": "What is one?"},
        {"system": "Answer well."},
        {"schema": {"type": "object"}},
        {"seed": 7},
        {"model": "small"},
        {"revision": "abc"},
        {"structured_output": "none"},
        {"parameters": {"top_p": 0.5}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_an_answer_depends_on_changes_the_key(change: dict[str, object]) -> None:
    assert key(**change) != key()


def test_a_null_parameter_leaves_a_field_out() -> None:
    settings = replace(SETTINGS, parameters={"temperature": None, "reasoning_effort": "low"})
    body = Request.of(question(1), settings).body
    assert "temperature" not in body
    assert body["reasoning_effort"] == "low"


def test_newer_models_are_told_the_limit_by_its_newer_name() -> None:
    body = Request.of(question(1), replace(SETTINGS, token_limit="max_completion_tokens")).body
    assert (body["max_completion_tokens"], body.get("max_tokens")) == (100, None)


def test_a_batch_line_holds_the_request() -> None:
    request = Request.of(question(1), SETTINGS)
    line = orjson.loads(request.line())
    assert line == {"custom_id": request.key, "method": "POST", "url": ENDPOINT, "body": request.body}


def test_a_frame_holds_a_batch_line_per_row() -> None:
    request = Request.of(question(1), SETTINGS)
    row = request_frame([request]).row(0, named=True)
    assert orjson.loads(row["body"]) == request.body
    assert row["custom_id"] == request.key
