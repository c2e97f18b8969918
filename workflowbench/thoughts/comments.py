"""One comment line before each statement of a program.

`else:` and `case` lines take no comment of their own: the first statement of the branch names the branch, so
that every comment stands directly above the statement that it tells of. Comments that belong to the workflow
(lines that start with `# '''`) and all other lines stay byte for byte.
"""

import ast
import re
from collections.abc import Iterator

from workflowbench.thoughts.statements import choice, sentence
from workflowbench.thoughts.vocabulary import Vocabulary, statements_of
from workflowbench.thoughts.wording import lower_first, upper_first

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


def with_comments(code: str, tree: ast.Module, vocabulary: Vocabulary) -> str:
    """Write a comment above each statement of a program.

    Args:
        code: Source of the program.
        tree: The syntax tree of `code`.
        vocabulary: What the names of the program stand for.

    """
    lines = _LINE.findall(code)
    leads = dict(_branch_leads(tree))
    comments: dict[int, list[str]] = {}
    for node in statements_of(tree):
        before = lines[node.lineno - 1].encode()[: node.col_offset].decode()
        if not before.strip():
            comments.setdefault(node.lineno, []).append(f"{before}# {_comment(node, leads, vocabulary)}\n")
    return "".join(
        text for number, line in enumerate(lines, start=1) for text in (*comments.get(number, ()), line)
    )


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
