"""What a commented program gives a plan or query to speak of."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflowbench.catalogue.api import Api
from workflowbench.thoughts.levels.claims import (
    Grounds,
    subjects_in,
    tells_condition,
    tells_menu,
    tells_repetition,
)
from workflowbench.thoughts.program import Program
from workflowbench.thoughts.vocabulary import Vocabulary, branches_of, statements_of

_CONDITION, _REPETITION, _MENU = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Facts:
    """What a program and its comments hold.

    Attributes:
        subjects: Subjects that code, comments and the documentation of the called APIs touch.
        control: For each statement, which kinds of control flow it is, stands in, or is told as.

    """

    subjects: frozenset[int]
    control: bytes

    def within(self, first: int, last: int) -> Grounds:
        """What statements number `first` to `last`, counted from 1, give to speak of.

        Subjects are those of the whole program, since a later step may speak of what an earlier one made.
        """
        kinds = 0
        for kind in self.control[first - 1 : last]:
            kinds |= kind
        return Grounds(
            self.subjects, bool(kinds & _CONDITION), bool(kinds & _REPETITION), bool(kinds & _MENU)
        )

    def everywhere(self) -> Grounds:
        """What the whole program gives to speak of."""
        return self.within(1, len(self.control))


def read_facts(program: Program, comments: Sequence[str]) -> Facts:
    """Read the facts of a program with a comment per statement."""
    kinds = dict(_control(program.tree.body, 0))
    return Facts(
        subjects_in([program.code, *comments, *_documents(program)]),
        bytes(
            kinds[statement.node] | _told(comment)
            for statement, comment in zip(program.statements, comments, strict=True)
        ),
    )


def called_api(node: ast.stmt, vocabulary: Vocabulary) -> Api | None:
    """Return the catalogue's entry for the action that a plain statement runs, if it is known."""
    match node:
        case ast.Assign(value=value) | ast.Expr(value=value):
            return vocabulary.api_of(value)
        case _:
            return None


def _documents(program: Program) -> Iterator[str]:
    for node in statements_of(program.tree):
        if api := called_api(node, program.vocabulary):
            yield f"{api.name} {api.description}"


def _control(body: Sequence[ast.stmt], around: int) -> Iterator[tuple[ast.stmt, int]]:
    """Each statement with the kinds of control flow that it is or stands in."""
    pending = [(node, around) for node in reversed(body)]
    while pending:
        node, outer = pending.pop()
        kinds = outer | _kind(node)
        yield node, kinds
        pending.extend((inner, kinds) for branch in branches_of(node) for inner in branch)


def _kind(node: ast.stmt) -> int:
    match node:
        case ast.If():
            return _CONDITION
        case ast.For():
            return _REPETITION
        case ast.Match():
            return _CONDITION | _MENU
        case _:
            return 0


def _told(comment: str) -> int:
    return (
        _CONDITION * tells_condition(comment)
        | _REPETITION * tells_repetition(comment)
        | _MENU * tells_menu(comment)
    )
