"""Which action a statement stands for, and what the catalogue says of it."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from workflowbench.catalogue.api import Api
from workflowbench.shortcuts.names import HELPERS

DECLARATIONS = frozenset({"action", "action_input", "named_variable", "pending_output", "shortcut_input"})
"""Helpers that declare a name at the top of a program."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a program's statements stand for.

    Attributes:
        apis: API by function name, the names that the program declares included.
        declared: Identifier by function name, for actions that the program declares.
        collectors: Names that hold the result of a block: they start as `None` or `[]`.

    """

    apis: Mapping[str, Api]
    declared: Mapping[str, str]
    collectors: frozenset[str]

    def api_of(self, value: ast.expr) -> Api | None:
        """Return the catalogue's entry for the action that a value stands for, if it is one and is known."""
        function = function_of(value)
        return self.apis.get(function) if function else None


def read_vocabulary(
    tree: ast.Module, catalogue: Mapping[str, Api], by_function: Mapping[str, Api]
) -> Vocabulary:
    """Read the vocabulary of one program; `by_function` is the catalogue keyed by function name."""
    declared: dict[str, str] = {}
    collectors = set()
    for node in statements_of(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if is_empty_collector(value):
                collectors.add(name)
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="action"), args=[ast.Constant(value=str() as identifier)]),
            ):
                declared[name] = identifier
    own = {name: catalogue[identifier] for name, identifier in declared.items() if identifier in catalogue}
    return Vocabulary({**by_function, **own} if own else by_function, declared, frozenset(collectors))


def statements_of(tree: ast.Module) -> list[ast.stmt]:
    """Every statement of a program in source order."""
    found: list[ast.stmt] = []
    pending = tree.body[::-1]
    while pending:
        node = pending.pop()
        found.append(node)
        for branch in reversed(branches_of(node)):
            pending.extend(branch[::-1])
    return found


def branches_of(node: ast.stmt) -> list[list[ast.stmt]]:
    """Return the bodies of a block in source order; none for a plain statement."""
    match node:
        case ast.If(body=body, orelse=orelse):
            return [body, orelse] if orelse else [body]
        case ast.For(body=body):
            return [body]
        case ast.Match(cases=cases):
            return [case.body for case in cases]
        case _:
            return []


def is_empty_collector(value: ast.expr) -> bool:
    """Tell whether a value is `None` or `[]`: the start of a block's result."""
    match value:
        case ast.Constant(value=None) | ast.List(elts=[]):
            return True
        case _:
            return False


def function_of(value: ast.expr) -> str | None:
    """Return the function name of the action that a value stands for.

    None stands for a variable, a property or a bare literal.
    """
    match value:
        case ast.Call(func=ast.Name(id="input")):
            return "is_workflow_actions_ask"
        case ast.Call(func=ast.Name(id=name)):
            return None if name in HELPERS else name
        case ast.Call(func=ast.Attribute(attr="keys" | "values")) | ast.Subscript():
            return "is_workflow_actions_getvalueforkey"
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="format")):
            return "is_workflow_actions_gettext"
        case ast.JoinedStr() | ast.Constant(value=str()):
            return "is_workflow_actions_gettext"
        case ast.Dict():
            return "is_workflow_actions_dictionary"
        case _:
            return None
