"""One comment line before each statement of a program.

`else:` and `case` lines take no comment of their own: the first statement of the branch names the branch, so
that every comment stands directly above the statement that it tells of. Comments that belong to the workflow
(lines that start with `# '''`) and all other lines stay byte for byte.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from workflowbench.thoughts.statements import choice, sentence
from workflowbench.thoughts.vocabulary import Vocabulary, statements_of
from workflowbench.thoughts.wording import lower_first, upper_first

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
"""A line of a program with its end, as Python's parser counts lines."""


def with_comments(code: str, tree: ast.Module, vocabulary: Vocabulary) -> str:
    """Write a comment above each statement of a program, by rules.

    Args:
        code: Source of the program.
        tree: The syntax tree of `code`.
        vocabulary: What the names of the program stand for.

    """
    return insert_comments(code, tree, rule_comments(code, tree, vocabulary))


def rule_comments(code: str, tree: ast.Module, vocabulary: Vocabulary) -> list[str]:
    """Say what each statement that takes a comment does, one sentence each."""
    leads = dict(_branch_leads(tree))
    return [_comment(node, leads, vocabulary) for node in commented_statements(code, tree)]


def commented_statements(code: str, tree: ast.Module) -> list[ast.stmt]:
    """Statements that take a comment: all that begin their line, in source order."""
    lines = LINE.findall(code)
    return [node for node in statements_of(tree) if not _before(node, lines).strip()]


def insert_comments(code: str, tree: ast.Module, comments: Sequence[str]) -> str:
    """Write one comment line above each statement that takes one.

    Args:
        code: Source of the program.
        tree: The syntax tree of `code`.
        comments: One line for each of `commented_statements`, without the `# `.

    """
    lines = LINE.findall(code)
    above = {
        node.lineno: f"{_before(node, lines)}# {comment}\n"
        for node, comment in zip(commented_statements(code, tree), comments, strict=True)
    }
    return "".join(above.get(number, "") + line for number, line in enumerate(lines, start=1))


def _before(node: ast.stmt, lines: Sequence[str]) -> str:
    """Text between the start of a statement's line and the statement."""
    return lines[node.lineno - 1].encode()[: node.col_offset].decode()


def _comment(node: ast.stmt, leads: dict[ast.stmt, str], vocabulary: Vocabulary) -> str:
    text = sentence(node, vocabulary)
    if lead := leads.get(node):
        text = f"{lead}, {lower_first(text)}"
    # A line that starts with `# '''` is an action of the workflow.
    return upper_first(text.lstrip("'\" ")) or "Continue"


def _branch_leads(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """Yield the first statement of each `else` and `case` branch, with the words that name the branch."""
    for node in statements_of(tree):
        match node:
            case ast.If(orelse=[first, *_]):
                yield first, "Otherwise"
            case ast.Match(cases=cases):
                yield from ((case.body[0], choice(case)) for case in cases)
