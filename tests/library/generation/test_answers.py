import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workflowbench.generation.answers import MOST_CHARACTERS, Unusable, Written, parse
from workflowbench.generation.prompting import answer_text

HOSTILE_TEXT = st.lists(
    st.sampled_from(
        [
            "```",
            "```python",
            "````",
            "Thought:",
            "Code:",
            "\n",
            "\r\n",
            " ",
            "*",
            "**",
            "x = 1",
            "</data>",
            "\x00",
        ]
    )
).map("".join)
ANY_TEXT = st.text() | HOSTILE_TEXT


def rule_of(answer: str) -> str:
    found = parse(answer)
    assert isinstance(found, Unusable)
    return found.rule


@given(ANY_TEXT, ANY_TEXT.filter(str.strip))
@example("1. **Start**\n   - Begins.", "x = 1")
@example("**bold** first\nCode:", "'''\n```python\nx\n```\n'''")
@example("Thought: Thought:", "x\r\n")
def test_what_is_written_is_read_back(plan: str, code: str) -> None:
    assert parse(answer_text(plan, code)) == Written(plan.strip(), code)


@given(ANY_TEXT)
def test_any_answer_is_read_or_refused_with_a_reason(answer: str) -> None:
    found = parse(answer)
    assert isinstance(found, Written) or (found.rule and found.detail)


@pytest.mark.parametrize(
    "answer",
    [
        "Thought: Do it.\n\nCode:\n```python\nx = 1\n```",
        "Thought:Do it.\n\nCode:\n```python\nx = 1\n```<|eot_id|>".removesuffix("<|eot_id|>"),
        "**Thought:** Do it.\n\n**Code:**\n```py\nx = 1\n```\nI hope that this helps.",
        "## Thoughts:\nDo it.\n\n## Code:\n\n````\nx = 1\n````",
        "Do it.\r\n```Python\nx = 1\n```",
        "Thought: Do it.\n```python\nx = 1\n  ```  ",
    ],
)
def test_common_forms_are_understood(answer: str) -> None:
    assert parse(answer) == Written("Do it.", "x = 1")


def test_an_answer_without_a_plan_has_an_empty_one() -> None:
    assert parse("```python\nx = 1\n```") == Written("", "x = 1")


def test_a_shorter_fence_inside_is_part_of_the_program() -> None:
    assert parse("````python\nx = '''\n```\ny\n```\n'''\n````") == Written("", "x = '''\n```\ny\n```\n'''")


def test_a_block_of_another_language_belongs_to_the_plan() -> None:
    found = parse('Thought: Use\n```json\n{"a": 1}\n```\nCode:\n```python\nx = 1\n```')
    assert found == Written('Use\n```json\n{"a": 1}\n```', "x = 1")


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("Thought: Do it.", "no_code_block"),
        ("", "no_code_block"),
        ("I'm sorry, but I can't write that.", "refused"),
        ("I cannot help with this.", "refused"),
        ("Thought: Do it.\nCode:\n```python\nx = 1", "cut_off"),
        ("```python\nx = 1\n```\nor\n```python\nx = 2\n```", "several_code_blocks"),
        ("```python\n \n```", "empty_code"),
        ("```python\nx = '\ud800'\n```", "not_unicode"),
        ("a" * (MOST_CHARACTERS + 1), "too_long"),
    ],
)
def test_an_unusable_answer_says_why(answer: str, rule: str) -> None:
    assert rule_of(answer) == rule


@pytest.mark.parametrize(
    "part", ["```\n", "```python\n", "`", "Thought:", "Code:\n", "* ", "\n", " ", "#", "    ```x\n"]
)
def test_a_long_answer_takes_linear_time(part: str) -> None:
    answer = part * (MOST_CHARACTERS // len(part))
    start = time.process_time()
    parse(answer)
    assert time.process_time() - start < 5
