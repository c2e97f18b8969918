"""Answers read as plans, with the fallbacks of the protocol."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.evaluation.teval.parsing import parse_json, parse_lines
from workflowbench.evaluation.teval.plans import Step

_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="`"))


@pytest.mark.parametrize(
    "answer",
    [
        '[{"id": 0, "name": "a", "args": "{}"}]',
        "Here it is: [{'id': 0, 'name': 'a', 'args': '{}'}] and more",
        '```json\n[{"id": 0, "name": "a", "args": "{}"}]\n```',
        '[{"id": "0", "name": "a", "args": "{}", "extra": null}]',
    ],
)
def test_a_list_of_steps_is_read_as_python_or_json(answer: str) -> None:
    assert parse_json(answer) == (Step(0, "a", "{}"),)


def test_swapped_quotes_are_the_last_resort() -> None:
    assert parse_json("[{'id': 0, 'name': 'a', 'args': 'x', 'done': true}]") == (Step(0, "a", "x"),)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "no plan",
        "[]",
        "] [",
        '{"id": 0}',
        '[{"id": 0, "name": "a"}]',
        '[{"id": "x", "name": "a", "args": ""}]',
        '[{"id": 0, "name": "a", "args": ""}, 7]',
        "[1], [2]",
        "[" * 5000,
    ],
)
def test_what_is_no_list_of_steps_is_the_empty_plan(answer: str) -> None:
    assert parse_json(answer) == ()


def test_arguments_become_text() -> None:
    assert parse_json('[{"id": 1.9, "name": 7, "args": {"k": [1]}}]') == (Step(1, "7", "{'k': [1]}"),)


def test_each_sentence_calls_the_api_that_occurs_first() -> None:
    plan = parse_lines("1. Use B.y to find, then A.x. Use nothing\nUse A.x to end", ["A.x", "B.y"])
    assert [(step.id, step.name, step.args) for step in plan] == [
        (0, "B.y", "Use B.y to find, then A.x"),
        (1, "A.x", "Use A.x to end"),
    ]


def test_of_two_names_at_one_place_the_earlier_in_the_list_counts() -> None:
    assert parse_lines("Use A.xyz", ["A.x", "A.xyz"])[0].name == "A.x"


@given(st.text())
def test_no_answer_makes_a_parser_fail(answer: str) -> None:
    for plan in (parse_json(answer), parse_lines(answer, ["a", "[", " "])):
        assert all(isinstance(step, Step) for step in plan)


@given(st.lists(st.tuples(st.integers(), _TEXTS, _TEXTS), max_size=5))
def test_a_plan_written_as_python_is_read_back(rows: list[tuple[int, str, str]]) -> None:
    steps = tuple(Step(*row) for row in rows)
    written = repr([{"id": step.id, "name": step.name, "args": step.args} for step in steps])
    assert parse_json(written) == steps
