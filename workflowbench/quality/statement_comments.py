"""The comments that explain statements: found, completed by rule, and taken away.

A line that starts with `# '''` opens a Comment action, which belongs to the workflow; every other comment
line explains what follows it.
"""

import ast
import io
from collections.abc import Mapping

from workflowbench.catalogue.api import Api
from workflowbench.shortcuts.program_names import find_names
from workflowbench.thoughts.comments import with_comments
from workflowbench.thoughts.vocabulary import read_vocabulary, statements_of

_ACTION = "# '''"
_ACTION_END = "'''"


def uncommented_lines(code: str, module: ast.Module) -> list[int]:
    """Lines from 1 on which a statement starts without an explanation on the line above.

    Args:
        code: A program that compiles.
        module: The syntax tree of `code`.

    """
    explained = {line + 1 for line in _explanations(code, module)}
    return [line for line in _first_lines(code, module) if line not in explained]


def complete_comments(
    code: str, module: ast.Module, catalogue: Mapping[str, Api], by_function: Mapping[str, Api]
) -> str:
    """Write a comment above each statement that has none; all other lines stay byte for byte.

    Args:
        code: A program that compiles.
        module: The syntax tree of `code`.
        catalogue: API by identifier.
        by_function: API by function name.

    """
    missing = set(uncommented_lines(code, module))
    starts = set(_first_lines(code, module))
    written = iter(_lines(with_comments(code, module, read_vocabulary(module, catalogue, by_function))))
    kept: list[str] = []
    for number, line in enumerate(_lines(code), start=1):
        if number in starts:
            comment = next(written)
            kept.extend([comment] if number in missing else [])
        next(written)
        kept.append(line)
    return "".join(kept)


def without_comments(code: str, module: ast.Module) -> str:
    """Take away the lines that explain; Comment actions stay.

    Args:
        code: A program that compiles.
        module: The syntax tree of `code`.

    """
    explained = _explanations(code, module)
    return "".join(line for number, line in enumerate(_lines(code), start=1) if number not in explained)


def _explanations(code: str, module: ast.Module) -> set[int]:
    """Lines that hold nothing but a comment which is no part of a Comment action."""
    text_lines = find_names(module).text_lines
    found: set[int] = set()
    in_action = False
    for number, line in enumerate(_lines(code), start=1):
        text = line.strip()
        if number in text_lines or not text.startswith("#"):
            in_action = False
        elif in_action or text.startswith(_ACTION):
            rest = text if in_action else text.removeprefix(_ACTION)
            in_action = not rest.endswith(_ACTION_END)
        else:
            found.add(number)
    return found


def _first_lines(code: str, module: ast.Module) -> list[int]:
    """Lines on which a statement is the first thing, in order."""
    lines = _lines(code)
    return [
        node.lineno
        for node in statements_of(module)
        if not lines[node.lineno - 1].encode()[: node.col_offset].strip()
    ]


def _lines(code: str) -> list[str]:
    """Lines as Python's parser counts them: neither form feeds nor Unicode's separators end one."""
    return list(io.StringIO(code, newline=""))
