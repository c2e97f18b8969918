"""The error of a program that is not of the style of docs/python-style.md."""

import ast


class ProgramError(ValueError):
    """A program that cannot be compiled.

    Attributes:
        line: Line of the fault, from 1.
        column: Column of the fault, from 1, in bytes of UTF-8 as Python counts.
        reason: What is wrong, and what would be right.
    """

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.line = line
        self.column = column
        self.reason = reason


class UndefinedNameError(ProgramError):
    """A program that uses a name before any line defines it."""


def error_at(node: ast.AST, reason: str) -> ProgramError:
    """The error for a node of a syntax tree."""
    return ProgramError(getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1, reason)
