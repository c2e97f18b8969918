"""Reads calls of the style's helpers (`coerce_variable`, `quantity`, ...) back into values."""

import ast
import datetime
import plistlib
from collections.abc import Callable
from typing import Any, Protocol

from workflowbench.shortcuts.expressions import COERCIONS, DATE_FORMAT_WORDS, UNIT_WORDS
from workflowbench.shortcuts.program_errors import error_at
from workflowbench.shortcuts.values import Array, Attachment, Field, OutputId, Serialized, Text

_COERCED = {function: target for target, function in COERCIONS.items()}


class Reader(Protocol):
    """What helpers need of the reader of expressions."""

    def read(self, node: ast.expr) -> Any:
        """Value of an expression."""

    def reference(self, node: ast.expr) -> Attachment:
        """Value of an expression that must be a reference."""

    def arguments(self, call: ast.Call, skip: int = 0) -> dict[str, Any]:
        """Keyword arguments of a call by key."""

    def text(self, node: ast.expr | None, near: ast.AST) -> str:
        """Value of an expression that must be plain text."""

    def entry(self, node: ast.expr) -> Field:
        """Entry of a dictionary that a person filled in, or item of its arrays."""

    def one(self, node: ast.Call) -> ast.expr:
        """The only argument of a call."""


def with_step(of: Attachment, step: dict[str, Any]) -> Attachment:
    """A reference with one more step applied."""
    return Attachment(of.kind, of.key, (*of.steps, step), of.label)


def is_none(node: ast.expr) -> bool:
    """True for the constant None."""
    return type(node) is ast.Constant and node.value is None


def _plain_dict(reader: Reader, node: ast.Call) -> dict[str, Any]:
    return reader.arguments(node)


def read_date(node: ast.Call) -> datetime.datetime:
    """Value of `datetime.datetime(...)`."""
    numbers = [argument.value for argument in node.args if type(argument) is ast.Constant]
    if len(numbers) != len(node.args) or node.keywords or not all(type(number) is int for number in numbers):
        raise error_at(node, "a date takes whole numbers")
    try:
        return datetime.datetime(*numbers)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as error:
        raise error_at(node, f"no date: {error}") from None


def _ask_each_time(reader: Reader, node: ast.Call) -> Attachment:
    return Attachment("Ask", reader.text(reader.one(node), node) if node.args or node.keywords else None)


def _coercion(reader: Reader, node: ast.Call) -> Any:
    assert isinstance(node.func, ast.Name)
    argument = reader.one(node)
    if (
        node.func.id == "float"
        and type(argument) is ast.Constant
        and argument.value in ("nan", "inf", "-inf")
    ):
        return float(argument.value)
    step = {"Type": "WFCoercionVariableAggrandizement", "CoercionItemClass": _COERCED[node.func.id]}
    return with_step(reader.reference(argument), step)


def _words(node: ast.Call, positional: tuple[str, ...] = ()) -> dict[str, ast.expr]:
    """Arguments of a helper by word."""
    if len(node.args) > len(positional):
        raise error_at(node, "too many positional arguments")
    words = dict(zip(positional, node.args, strict=False))
    for word in node.keywords:
        if word.arg is None or word.arg in words:
            raise error_at(word.value, "an argument is given twice, or by `**`")
        words[word.arg] = word.value
    return words


def _worded_step(
    reader: Reader, node: ast.Call, kind: str, keys: dict[str, str], positional: tuple[str, ...]
) -> Attachment:
    words = _words(node, positional)
    of = words.pop(positional[0], None)
    if of is None or words.keys() - keys.keys():
        raise error_at(node, f"the arguments are {', '.join([positional[0], *keys])}")
    step = {"Type": kind} | {keys[word]: reader.read(value) for word, value in words.items()}
    return with_step(reader.reference(of), step)


def _coerce(reader: Reader, node: ast.Call) -> Attachment:
    keys = {"coercion_class": "CoercionItemClass"}
    return _worded_step(reader, node, "WFCoercionVariableAggrandizement", keys, ("value",))


def _get_property(reader: Reader, node: ast.Call) -> Attachment:
    keys = {"name": "PropertyName", "user_info": "PropertyUserInfo"}
    return _worded_step(reader, node, "WFPropertyVariableAggrandizement", keys, ("value", "name"))


def _format_date(reader: Reader, node: ast.Call) -> Attachment:
    keys = {word: key for key, word in DATE_FORMAT_WORDS.items()}
    return _worded_step(reader, node, "WFDateFormatVariableAggrandizement", keys, ("value",))


def _unit(reader: Reader, node: ast.Call) -> Attachment:
    keys = {word: key for key, word in UNIT_WORDS.items()}
    return _worded_step(reader, node, "WFUnitVariableAggrandizement", keys, ("value",))


def _aggrandized(reader: Reader, node: ast.Call) -> Attachment:
    if len(node.args) != 2:
        raise error_at(node, "the arguments are a reference and a `dict(...)`")
    step = reader.read(node.args[1])
    if type(step) is not dict:
        raise error_at(node.args[1], "a `dict(...)` is expected here")
    return with_step(reader.reference(node.args[0]), step)


def _serialized(reader: Reader, node: ast.Call) -> Any:
    if len(node.args) != 2 or node.keywords:
        raise error_at(node, "the arguments are the type and the value")
    kind, value = reader.text(node.args[0], node), reader.read(node.args[1])
    return value if kind == "WFTextTokenString" and type(value) is Text else Serialized(kind, value)


def _quantity(reader: Reader, node: ast.Call) -> Serialized:
    return Serialized("WFQuantityFieldValue", reader.arguments(node))


def _array(reader: Reader, node: ast.Call) -> Array:
    items = reader.one(node)
    if type(items) is not ast.List:
        raise error_at(node, "a list is expected here")
    return Array(tuple(reader.entry(item) for item in items.elts))


def _field(reader: Reader, node: ast.Call) -> Field:
    if len(node.args) != 2 or node.keywords or type(kind := node.args[0]) is not ast.Constant:
        raise error_at(node, "the arguments are the item type and the value")
    if type(kind.value) is not int:
        raise error_at(kind, "the item type is a number")
    value = node.args[1]
    return Field(kind.value, None if is_none(value) else reader.read(value))


def _number(reader: Reader, node: ast.Call) -> Field:
    return Field(3, reader.read(reader.one(node)))


def _file(reader: Reader, node: ast.Call) -> Field:
    inner = Serialized("WFTextTokenAttachment", reader.reference(reader.one(node)))
    return Field(5, Serialized("WFTokenAttachmentParameterState", inner))


def _output_uuid(reader: Reader, node: ast.Call) -> OutputId:
    return OutputId(reader.reference(reader.one(node)).key or "")


def _uid(reader: Reader, node: ast.Call) -> plistlib.UID:
    value = reader.read(reader.one(node))
    if type(value) is not int or value < 0:
        raise error_at(node, "a whole number is expected here")
    return plistlib.UID(value)


HELPER_READERS: dict[str, Callable[[Reader, ast.Call], Any]] = {
    "aggrandized": _aggrandized,
    "array": _array,
    "ask_each_time": _ask_each_time,
    "coerce_variable": _coerce,
    "dict": _plain_dict,
    "field": _field,
    "file": _file,
    "float": _coercion,
    "format_date": _format_date,
    "get_property": _get_property,
    "number": _number,
    "output_uuid": _output_uuid,
    "plist_uid": _uid,
    "quantity": _quantity,
    "serialized": _serialized,
    "str": _coercion,
    "unit_variable_transform": _unit,
}
