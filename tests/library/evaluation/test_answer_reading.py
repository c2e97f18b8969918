"""Answers of models under test, read as they should be or as the paper reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.evaluation.answer_reading import read_answer
from workflowbench.generation.prompting import answer_text


@given(st.text(), st.none() | st.sampled_from(["stop", "length"]))
def test_any_text_is_read(answer: str, finish_reason: str | None) -> None:
    found = read_answer(answer, finish_reason)
    assert (found.task_plan is None) == (found.rule is not None)


def test_a_usable_answer_has_its_plan_and_its_program() -> None:
    found = read_answer(answer_text("1. Do it.", "x = 1"))
    assert (found.task_plan, found.code, found.rule) == ("1. Do it.", "x = 1", None)


@pytest.mark.parametrize(
    ("answer", "rule", "code"),
    [
        ("No block.", "no_code_block", ""),
        ("```python\nx = 1", "cut_off", "\nx = 1"),
        ("```python\nx = 1\n```\nor\n```python\ny = 2\n```", "several_code_blocks", "\nx = 1\n"),
    ],
)
def test_what_is_not_usable_gives_its_first_block(answer: str, rule: str, code: str) -> None:
    found = read_answer(answer)
    assert (found.rule, found.code) == (rule, code)


def test_an_answer_that_reached_its_limit_is_cut_off_though_its_program_is_whole() -> None:
    found = read_answer(answer_text("1.", "x = 1"), "length")
    assert found.is_truncated
    assert found.code == "x = 1"
