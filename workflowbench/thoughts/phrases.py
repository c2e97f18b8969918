"""Values and conditions of a program in plain words."""

import ast
from collections.abc import Callable, Mapping, Sequence

from workflowbench.thoughts.wording import key_words, one_line, quote

_EXPRESSION_LIMIT = 60
_SHOWN_ITEMS = 3

_COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "is less than",
    ast.LtE: "is at most",
    ast.Gt: "is greater than",
    ast.GtE: "is at least",
    ast.Eq: "is",
    ast.NotEq: "is not",
}


def phrase(value: ast.expr) -> str:
    """Say a value in plain words on one line: names as they are, texts quoted and cut."""
    match value:
        case ast.Name(id=name):
            return name
        case ast.Constant(value=constant):
            return _constant(constant)
        case ast.JoinedStr(values=[ast.FormattedValue(value=inner)]):
            return phrase(inner)
        case ast.JoinedStr():
            return quote(format_text(value))
        case ast.Attribute(value=owner, attr=attribute):
            return f"{attribute} of {phrase(owner)}"
        case ast.Subscript(value=owner, slice=key):
            return f"{phrase(key)} of {phrase(owner)}"
        case ast.List(elts=items):
            return f"the list {listed(items)}" if items else "an empty list"
        case ast.Dict(keys=keys):
            return (
                f"a dictionary with {listed([key for key in keys if key])}" if keys else "an empty dictionary"
            )
        case ast.Call():
            return _call(value)
        case _:
            return one_line(ast.unparse(value), _EXPRESSION_LIMIT)


def listed(items: Sequence[ast.expr]) -> str:
    """Say the first few items in words, and how many more there are."""
    shown = ", ".join(phrase(item) for item in items[:_SHOWN_ITEMS])
    more = len(items) - _SHOWN_ITEMS
    return f"{shown} and {more} more" if more > 0 else shown


def format_text(value: ast.JoinedStr) -> str:
    """Return the text of an f-string with each field written as `{words}`."""
    parts = []
    for part in value.values:
        match part:
            case ast.Constant(value=str() as text):
                parts.append(text)
            case ast.FormattedValue(value=inner):
                parts.append(f"{{{phrase(inner)}}}")
    return "".join(parts)


def condition(test: ast.expr) -> str:
    """Say a condition in plain words, e.g. `amount is greater than 100`."""
    match test:
        case ast.BoolOp(op=op, values=values):
            return (" and " if isinstance(op, ast.And) else " or ").join(condition(value) for value in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"{phrase(operand)} has no value"
        case ast.Compare():
            return _comparison(test)
        case ast.Call(func=ast.Name(id="condition" | "legacy_comparison"), args=[inner]):
            return condition(inner)
        case ast.Call(func=ast.Name(id="compare"), args=[subject, *_]):
            return f"{phrase(subject)} passes a comparison"
        case ast.Call(func=ast.Name(id="is_today"), args=[subject]):
            return f"{phrase(subject)} is today"
        case ast.Call(func=ast.Attribute(value=subject, attr="startswith"), args=[text]):
            return f"{phrase(subject)} begins with {phrase(text)}"
        case ast.Call(func=ast.Attribute(value=subject, attr="endswith"), args=[text]):
            return f"{phrase(subject)} ends with {phrase(text)}"
        case _:
            return f"{phrase(test)} has any value"


def _comparison(test: ast.Compare) -> str:
    match test:
        case ast.Compare(left=low, ops=[ast.LtE(), ast.LtE()], comparators=[subject, high]):
            return f"{phrase(subject)} is between {phrase(low)} and {phrase(high)}"
        case ast.Compare(left=text, ops=[ast.In()], comparators=[subject]):
            return f"{phrase(subject)} contains {phrase(text)}"
        case ast.Compare(left=text, ops=[ast.NotIn()], comparators=[subject]):
            return f"{phrase(subject)} does not contain {phrase(text)}"
        case ast.Compare(
            left=subject,
            comparators=[
                ast.Call(func=ast.Name(id="get_future_time" | "get_recent_time" as helper), args=span)
            ],
        ):
            way = "next" if helper == "get_future_time" else "last"
            return f"{phrase(subject)} is in the {way} {_span(span)}"
        case ast.Compare(left=subject, ops=[op], comparators=[value]) if type(op) in _COMPARISONS:
            return f"{phrase(subject)} {_COMPARISONS[type(op)]} {phrase(value)}"
        case _:
            return one_line(ast.unparse(test), _EXPRESSION_LIMIT)


def _span(arguments: Sequence[ast.expr]) -> str:
    return " ".join(plain_text(argument) for argument in arguments)


def plain_text(value: ast.expr) -> str:
    """Return a literal text without its quotes, any other value as a phrase."""
    match value:
        case ast.Constant(value=str() as text):
            return one_line(text, _EXPRESSION_LIMIT)
        case _:
            return phrase(value)


def _constant(value: object) -> str:
    match value:
        case str():
            return quote(value)
        case bytes():
            return f"{len(value)} bytes of data"
        case bool():
            return "on" if value else "off"
        case None:
            return "nothing"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return repr(value)


def _call(call: ast.Call) -> str:
    arguments = {str(index): argument for index, argument in enumerate(call.args)}
    arguments |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    match call.func:
        case ast.Name(id=name) if name in _SOURCES:
            return _SOURCES[name]
        case ast.Name(id=name) if name in _HELPER_PHRASES and arguments:
            return _HELPER_PHRASES[name](arguments)
        case ast.Name(id=name):
            return f"the {key_words(name.removeprefix('is_workflow_actions_'))}"
        case ast.Attribute(value=ast.Constant(value=str() as text), attr="format"):
            return quote(text)
        case ast.Attribute(attr="now"):
            return "the current date"
        case ast.Attribute(attr="keys" | "values" as which, value=owner):
            return f"all {which} of {phrase(owner)}"
        case _:
            return one_line(ast.unparse(call), _EXPRESSION_LIMIT)


_Arguments = Mapping[str, ast.expr]


def _value(arguments: _Arguments) -> str:
    return phrase(arguments.get("value") or next(iter(arguments.values())))


def _as_class(arguments: _Arguments) -> str:
    wanted = arguments.get("coercion_class")
    kind = key_words(plain_text(wanted)).removesuffix(" content item") if wanted else "another type"
    return f"{_value(arguments)} as {kind}"


def _unit(arguments: _Arguments) -> str:
    wanted = arguments.get("unit_symbol") or arguments.get("unit_type")
    return f"{_value(arguments)} in {plain_text(wanted)}" if wanted else _value(arguments)


def _property(arguments: _Arguments) -> str:
    owner, *name = arguments.values()
    return f"{plain_text(name[0])} of {phrase(owner)}" if name else phrase(owner)


_SOURCES = {
    "ask_each_time": "a value asked for each time",
    "is_workflow_actions_getclipboard": "the clipboard",
    "is_workflow_actions_getdevicedetails": "the details of the device",
}
_HELPER_PHRASES: Mapping[str, Callable[[_Arguments], str]] = {
    "str": lambda arguments: f"{_value(arguments)} as text",
    "float": lambda arguments: f"{_value(arguments)} as a number",
    "int": _value,
    "file": _value,
    "coerce_variable": _as_class,
    "format_date": lambda arguments: f"{_value(arguments)} as a formatted date",
    "unit_variable_transform": _unit,
    "get_property": _property,
    "quantity": lambda arguments: _span(list(arguments.values())),
    "dict": lambda arguments: "the setting " + ", ".join(key_words(key) for key in arguments),
    "serialized": lambda arguments: phrase(list(arguments.values())[-1]),
}
