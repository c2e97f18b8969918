"""Comment actions of a program: comment lines that hold a quoted text.

Python's parser drops comments, so they are found in the source text. Other comments, such as those that
explain a line, are no part of the workflow.
"""

import ast
import re
from dataclasses import dataclass

from workflowbench.shortcuts.program_errors import ProgramError

_START = re.compile(r"( *)# '''(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment action: its line from 1, its indentation in columns, and its text."""

    line: int
    column: int
    text: str


def find_comments(source: str, text_lines: set[int]) -> list[Comment]:
    """The comment actions of a program in order.

    Args:
        source: The program.
        text_lines: Lines that begin inside an expression or text.

    Raises:
        ProgramError: A comment action whose text is not closed.
    """
    if "# '''" not in source:
        return []
    lines = source.split("\n")
    comments = []
    index = 0
    while index < len(lines):
        match = _START.fullmatch(lines[index])
        if match is None or index + 1 in text_lines:
            index += 1
            continue
        start = index
        text, index = _read_text(lines, index, match)
        comments.append(Comment(start + 1, len(match[1]), text))
    return comments


def _read_text(lines: list[str], index: int, match: re.Match[str]) -> tuple[str, int]:
    """Text of the comment that starts on a line, and the index of the line after it."""
    start, indent = index, match[1]
    parts = [match[2].rstrip("\r")]
    while not parts[-1].endswith("'''"):
        index += 1
        if index == len(lines) or not lines[index].startswith(indent + "# "):
            raise ProgramError(start + 1, len(indent) + 1, "the text of this comment is not closed by '''")
        parts.append(lines[index][len(indent) + 2 :].rstrip("\r"))
    text = "\n".join(parts)
    if "\\" not in text:
        return text[:-3], index + 1
    try:
        return ast.literal_eval("'''" + text), index + 1
    except (SyntaxError, ValueError):
        raise ProgramError(start + 1, len(indent) + 1, "the text of this comment is no literal") from None
