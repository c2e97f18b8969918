"""From an answer to its program: usable as it should be, or as the paper would read it."""

import re
from dataclasses import dataclass

from workflowbench.generation.answers import Unusable, parse

CUT_OFF = "cut_off"
"""Rule of an answer that ends before its program does."""
LENGTH = "length"
"""Finish reason of an answer that reached its limit."""

_FIRST_BLOCK = re.compile(r"```python(.*?)(?:```|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """What an answer holds.

    Attributes:
        task_plan: The plan; None if the answer is not usable.
        code: The program. Of an unusable answer the first block of Python, closed or not, as the published
            evaluation reads it; empty if there is none.
        rule: Why it is not usable, as in `generation.answers`; None if it is.
        detail: What was found.

    """

    task_plan: str | None
    code: str
    rule: str | None = None
    detail: str | None = None

    @property
    def is_truncated(self) -> bool:
        """Whether it ends before its program does."""
        return self.rule == CUT_OFF


def read_answer(answer: str, finish_reason: str | None = None) -> ReadAnswer:
    """Read an answer.

    Args:
        answer: What a model wrote.
        finish_reason: Why it stopped, if that is known.

    """
    found = parse(answer)
    if isinstance(found, Unusable):
        block = _FIRST_BLOCK.search(answer)
        rule = CUT_OFF if finish_reason == LENGTH else found.rule
        return ReadAnswer(None, block[1] if block else "", rule, found.detail)
    if finish_reason == LENGTH:
        return ReadAnswer(None, found.code, CUT_OFF, "The answer reached its limit after the program.")
    return ReadAnswer(found.task_plan, found.code)
