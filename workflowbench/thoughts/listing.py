"""The statements of a program, numbered and bounded, as a prompt shows them."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflowbench.thoughts.comments import LINE, commented_statements

_MOST_CHARACTERS = 1200
"""Characters of one statement, or of the lines before it; longer ones show their beginning and end."""
_WINDOW_CHARACTERS = 24_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A statement that takes a comment.

    Attributes:
        node: The statement.
        lead: Lines before it that belong to no statement: `else:`, `case` and comments of the author.
        text: Its source, of a block its head; a line break within it is written as an escape.
        indent: Blanks before it.

    """

    node: ast.stmt
    lead: tuple[str, ...]
    text: str
    indent: str

    @property
    def size(self) -> int:
        """Characters that the statement takes in a prompt."""
        return len(self.indent) + len(self.text) + sum(map(len, self.lead))


def list_statements(code: str, tree: ast.Module) -> list[Listed]:
    """List the statements of a program that take a comment, in source order.

    Args:
        code: Source of the program.
        tree: The syntax tree of `code`.

    """
    lines = LINE.findall(code)
    listed = []
    done = 0
    for node in commented_statements(code, tree):
        end = _end_of_head(node)
        lead = [line.rstrip() for line in lines[done : node.lineno - 1] if line.strip()]
        text = "".join(lines[node.lineno - 1 : end])
        indent = text[: len(text) - len(text.lstrip())]
        listed.append(Listed(node, _bounded_lines(lead), shorten(_on_one_line(text.strip())), indent))
        done = max(done, end)
    return listed


def numbered_lines(statements: Sequence[Listed], texts: Sequence[str], first: int) -> str:
    """Write a text per statement with its number, in the indentation of the program, its lead before it."""
    width = len(str(first + len(statements) - 1))
    lines: list[str] = []
    for number, (statement, text) in enumerate(zip(statements, texts, strict=True), start=first):
        lines += [f"{'':{width}} | {line}" for line in statement.lead]
        lines.append(f"{number:{width}} | {statement.indent}{text}")
    return "\n".join(lines)


def plain_lines(statements: Sequence[Listed]) -> str:
    """Write statements in their indentation, without numbers, the lines before each included."""
    return "\n".join(
        line for statement in statements for line in (*statement.lead, f"{statement.indent}{statement.text}")
    )


def windows(sizes: Sequence[int], most: int) -> Iterator[range]:
    """Divide a sequence into runs of at most `most` items and a bounded number of characters.

    Args:
        sizes: Characters of each item.
        most: Items of a run.

    """
    start = characters = 0
    for index, size in enumerate(sizes):
        if index > start and (index - start == most or characters + size > _WINDOW_CHARACTERS):
            yield range(start, index)
            start, characters = index, 0
        characters += size
    if start < len(sizes):
        yield range(start, len(sizes))


def shorten(text: str, limit: int = _MOST_CHARACTERS) -> str:
    """Return a text of about `limit` characters: beyond it, its beginning, what is left out, and its end."""
    left_out = len(text) - limit
    if left_out <= 0:
        return text
    head = limit * 2 // 3
    return f"{text[:head]} …[{left_out} characters left out]… {text[head + left_out :]}"


def _on_one_line(text: str) -> str:
    """Write line breaks as escapes: within the quotes of a text they mean the same."""
    return text.replace("\r", "\\r").replace("\n", "\\n")


def _bounded_lines(lines: Sequence[str]) -> tuple[str, ...]:
    text = shorten("\n".join(lines))
    return tuple(text.split("\n")) if text else ()


def _end_of_head(node: ast.stmt) -> int:
    """Last line of a statement; of a block, the last line of its head."""
    match node:
        case ast.If(test=head) | ast.For(iter=head) | ast.Match(subject=head):
            return head.end_lineno or node.lineno
        case _:
            return node.end_lineno or node.lineno
