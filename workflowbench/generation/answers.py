"""Reading a model's answer: its plan and its one block of Python. The text is read only, never executed."""

import re
from dataclasses import dataclass

MOST_CHARACTERS = 2_000_000
"""Length of the longest answer that is read; the longest collected workflows have a third of that."""

_FENCE = re.compile(r"[ \t]{0,3}(`{3,})[ \t]*([A-Za-z0-9+_.-]*)[ \t]*\r?")
_PYTHON = frozenset({"", "python", "python3", "py"})
_THOUGHT = re.compile(r"(?:#+ *|\*\*)?thoughts?(?:\*\*)?[ \t]*:(?:\*\*)?", re.IGNORECASE)
_CODE = re.compile(r"(?:#+ *|\*\*)?code(?:\*\*)?[ \t]*:(?:\*\*)?\s*", re.IGNORECASE)
_REFUSAL = re.compile(
    r"\s*(?:i(?:[\u2019']?m| am) (?:sorry|unable)|sorry|i can(?:[\u2019']?t|not)|unfortunately)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Written:
    """A task plan, which may be empty, and a program, as they came."""

    task_plan: str
    code: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why an answer holds no workflow.

    Attributes:
        rule: `too_long`, `not_unicode`, `refused`, `no_code_block`, `cut_off`, `several_code_blocks` or
            `empty_code`.
        detail: What was found, and what would be right.
        threshold: Limit of the rule, where it has one.
        observed: Value that crossed it.

    """

    rule: str
    detail: str
    threshold: float | None = None
    observed: float | None = None


def parse(answer: str) -> Written | Unusable:
    """Read the plan and the program of an answer, in one pass over its lines.

    The longest fences of the answer are its blocks; shorter ones inside are text. What stands before the
    block is the plan, without the words `Thought:` and `Code:` around it; what stands after it is left out.
    """
    if len(answer) > MOST_CHARACTERS:
        detail = f"The answer has {len(answer)} characters; answer with a plan and one block of Python."
        return Unusable("too_long", detail, MOST_CHARACTERS, len(answer))
    if _holds_surrogates(answer):
        return Unusable("not_unicode", "The answer holds half a character; write valid Unicode.")
    lines = answer.split("\n")
    blocks, is_closed = _python_blocks(lines)
    if not blocks:
        return _without_block(answer)
    if not is_closed:
        return Unusable("cut_off", "The block of Python is not closed; answer in full, or more briefly.")
    if len(blocks) > 1:
        detail = f"The answer has {len(blocks)} blocks of Python; put the whole program into one."
        return Unusable("several_code_blocks", detail, 1, len(blocks))
    ((start, end),) = blocks
    code = "\n".join(lines[start + 1 : end])
    if not code.strip():
        return Unusable("empty_code", "The block of Python is empty; write the program.")
    return Written(_plan(lines[:start]), code)


def _holds_surrogates(text: str) -> bool:
    """Tell whether a text holds a lone surrogate, which no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _python_blocks(lines: list[str]) -> tuple[list[tuple[int, int]], bool]:
    """Return first and last line of each block of Python, and whether the last block is closed."""
    found = [(number, fence) for number, line in enumerate(lines) if (fence := _FENCE.fullmatch(line))]
    longest = max((len(fence[1]) for _, fence in found), default=0)
    blocks: list[tuple[int, int]] = []
    opened: tuple[int, str] | None = None
    for number, fence in found:
        if len(fence[1]) < longest:
            continue
        if opened is None:
            opened = number, fence[2].lower()
        elif not fence[2]:
            if opened[1] in _PYTHON:
                blocks.append((opened[0], number))
            opened = None
    if opened and opened[1] in _PYTHON:
        blocks.append((opened[0], len(lines)))
    return blocks, opened is None


def _without_block(answer: str) -> Unusable:
    if _REFUSAL.match(answer):
        return Unusable("refused", "The model declined to write the workflow.")
    return Unusable("no_code_block", "The answer has no block of Python; put the program into one.")


def _plan(lines: list[str]) -> str:
    """Return the text before the block without its headings: the first `Thought:` and the last `Code:`."""
    text = "\n".join(lines).strip()
    if start := _THOUGHT.match(text):
        text = text[start.end() :]
    before, _, last = text.rpartition("\n")
    return (before if _CODE.fullmatch(last) else text).strip()
