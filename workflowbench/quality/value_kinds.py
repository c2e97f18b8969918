"""What kind of value an expression is, and which kinds a parameter's type takes.

Shortcuts converts generously: text that reads as a number is one, and a number is text. A value with a
variable in it is not known before the workflow runs, so that every type takes it.
"""

import ast
import re

from workflowbench.catalogue.api import Parameter

_NUMBER = re.compile(r"\s*[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?\s*")
_OPEN = "value with a variable"
_HELPER_KINDS = {"dict": "dictionary", "quantity": "quantity", "array": "list", "serialized": "structure"}
_CONSTANT_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "text"),
    (bytes, "binary value"),
)
"""Kind by class of a constant, in this order: a `bool` is an `int`, too."""

_STRUCTURES = frozenset({"dictionary", "structure", "list"})
_TEXTS = frozenset({"text", "number text", "empty text"})
_NUMBERS = frozenset({"integer", "number", "number text", "empty text"})
_SWITCH = {"on", "off"}
"""Values of a switch, which Shortcuts stores as 0 or 1."""
_ACCEPTED = {
    "string": _TEXTS | {"integer", "number"},
    "url": _TEXTS | {"list"},
    "enum": _TEXTS,
    "boolean": frozenset({"boolean", "integer"}),
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "date": _TEXTS | {"date"},
    "dictionary": frozenset({"dictionary", "structure"}),
    "array": frozenset({"list", "structure"}),
    "quantity": frozenset({"quantity", "structure", "dictionary"}),
    "location": _STRUCTURES | _TEXTS,
    "contact": _STRUCTURES | _TEXTS,
    "app": _STRUCTURES | _TEXTS,
    "file": _STRUCTURES | _TEXTS | {"binary value"},
}
"""Kinds of literals by type of parameter; every other type, `any` among them, takes any literal."""


def kind_of(value: ast.expr) -> str:
    """Name the kind of an expression, for a reader."""
    match value:
        case ast.Constant(value=str() as text):
            return "number text" if _NUMBER.fullmatch(text) else "text" if text.strip() else "empty text"
        case ast.Constant(value=constant):
            return next(
                (kind for python, kind in _CONSTANT_KINDS if isinstance(constant, python)), "constant"
            )
        case ast.UnaryOp(operand=operand):
            return kind_of(operand)
        case ast.List():
            return "list"
        case ast.Dict():
            return "dictionary"
        case ast.Call(func=ast.Name(id=helper)):
            return _HELPER_KINDS.get(helper, _OPEN)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime"), attr="datetime")):
            return "date"
        case _:
            return _OPEN


def accepts(parameter: Parameter, value: ast.expr) -> bool:
    """Tell whether a parameter takes a value; whether it is one of an `enum`'s is another question."""
    kind = kind_of(value)
    return kind == _OPEN or kind in _accepted(parameter, kind)


def _accepted(parameter: Parameter, kind: str) -> frozenset[str]:
    if parameter.type.startswith("array["):
        return _ACCEPTED["array"]
    if parameter.type == "enum" and isinstance(parameter.default, list):
        return _TEXTS | {"list"}
    if {value.lower() for value in parameter.enum} == _SWITCH:
        return _TEXTS | _ACCEPTED["boolean"]
    return _ACCEPTED.get(parameter.type, frozenset({kind}))
