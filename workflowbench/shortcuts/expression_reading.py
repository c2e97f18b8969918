"""Reads Python expressions of the style back into parameter values: the inverse of `expressions`."""

import ast
import datetime
import plistlib
import string
from collections.abc import Callable
from typing import Any

from workflowbench.shortcuts.expressions import COERCIONS, DATE_FORMAT_WORDS, NUMBER_STATE, UNIT_WORDS
from workflowbench.shortcuts.names import INPUTS
from workflowbench.shortcuts.program_errors import error_at
from workflowbench.shortcuts.values import Array, Attachment, Field, Fields, OutputId, Serialized, Text

_INPUT_KINDS = {name: kind for kind, name in INPUTS.items()}
_SOURCE_CALLS = {
    "is_workflow_actions_getclipboard": "Clipboard",
    "is_workflow_actions_getdevicedetails": "DeviceDetails",
}
_COERCED = {function: target for target, function in COERCIONS.items()}


class ExpressionReader:
    """Reads the expressions of one program.

    Args:
        resolve: Gives the reference that a name stands for; raises ProgramError for an unknown name.
    """

    def __init__(self, resolve: Callable[[ast.Name], Attachment]) -> None:
        self._resolve = resolve

    def read(self, node: ast.expr) -> Any:
        """Value of an expression."""
        reader = _READERS.get(type(node))
        if reader is None:
            raise error_at(node, f"a value cannot be a {type(node).__name__}")
        return reader(self, node)

    def reference(self, node: ast.expr) -> Attachment:
        """Value of an expression that must be a reference."""
        value = self.read(node)
        if type(value) is not Attachment:
            raise error_at(node, "a reference to a result, variable or input is expected here")
        return value

    def arguments(self, call: ast.Call, skip: int = 0) -> dict[str, Any]:
        """Keyword arguments of a call by key.

        Args:
            call: The call.
            skip: Number of positional arguments that the caller reads itself.
        """
        if len(call.args) > skip:
            raise error_at(call.args[skip], "parameters are given by keyword")
        given: dict[str, Any] = {}
        for word in call.keywords:
            if word.arg is not None:
                given[word.arg] = self.read(word.value)
                continue
            if type(word.value) is not ast.Dict:
                raise error_at(word.value, "`**` takes a dictionary of parameter keys")
            for key, value in zip(word.value.keys, word.value.values, strict=True):
                given[self._text_constant(key, word.value)] = self.read(value)
        return given

    def _text_constant(self, node: ast.expr | None, near: ast.AST) -> str:
        if type(node) is ast.Constant and type(node.value) is str:
            return node.value
        raise error_at(node or near, "plain text is expected here")

    def _constant(self, node: ast.Constant) -> Any:
        if node.value is None or node.value is Ellipsis or type(node.value) is complex:
            raise error_at(node, f"a parameter cannot be {node.value!r}")
        return node.value

    def _negative(self, node: ast.UnaryOp) -> Any:
        value = self.read(node.operand)
        if type(node.op) is not ast.USub or type(value) not in (int, float):
            raise error_at(node, "only numbers take a sign")
        return -value

    def _f_string(self, node: ast.JoinedStr) -> Any:
        parts: list[str | Attachment] = []
        for part in node.values:
            if type(part) is ast.Constant:
                parts.append(str(part.value))
            elif type(part) is ast.FormattedValue and part.conversion == -1 and part.format_spec is None:
                parts.append(self.reference(part.value))
            else:
                raise error_at(node, "text holds plain references, without conversion or format")
        return _joined(parts)

    def _format_call(self, call: ast.Call) -> Any:
        assert isinstance(call.func, ast.Attribute)
        template = self._text_constant(call.func.value, call)
        parts: list[str | Attachment] = []
        given = iter(call.args)
        try:
            pieces = list(string.Formatter().parse(template))
        except ValueError as error:
            raise error_at(call, f"the text is no template: {error}") from None
        for literal, name, spec, conversion in pieces:
            parts.append(literal)
            if name is None:
                continue
            argument = next(given, None)
            if name or spec or conversion or argument is None:
                raise error_at(call, "each `{}` of the text takes one argument of `format`")
            parts.append(self.reference(argument))
        if next(given, None) is not None or call.keywords:
            raise error_at(call, "each argument of `format` fills one `{}` of the text")
        return _joined(parts)

    def _name(self, node: ast.Name) -> Attachment:
        kind = _INPUT_KINDS.get(node.id)
        return Attachment(kind) if kind else self._resolve(node)

    def _attribute(self, node: ast.Attribute) -> Attachment:
        step = {"Type": "WFPropertyVariableAggrandizement", "PropertyName": node.attr}
        return _with_step(self.reference(node.value), step)

    def _subscript(self, node: ast.Subscript) -> Attachment:
        key = self._text_constant(node.slice, node)
        step = {"Type": "WFDictionaryValueVariableAggrandizement", "DictionaryKey": key}
        return _with_step(self.reference(node.value), step)

    def _list(self, node: ast.List) -> list[Any]:
        items = []
        for element in node.elts:
            value = self.read(element)
            if type(value) is Text and not is_call(element, "serialized"):
                value = Field(0, value)
            items.append(value)
        return items

    def fields(self, node: ast.Dict) -> Fields:
        """A dictionary that a person filled in."""
        items = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                raise error_at(value, "`**` has no place in a dictionary")
            items.append((self.read(key), self._entry(value)))
        return Fields(tuple(items))

    def _entry(self, node: ast.expr) -> Field:
        kind = type(node)
        if kind is ast.Constant:
            value = node.value  # type: ignore[attr-defined]
            if value is None or type(value) is str:
                return Field(0, value)
            if type(value) is bool:
                return Field(4, Serialized(NUMBER_STATE, value))
        if kind is ast.Dict:
            return Field(1, self.read(node))
        if kind is ast.List:
            return Field(2, Array(tuple(self._entry(item) for item in node.elts)))  # type: ignore[attr-defined]
        value = self.read(node)
        if type(value) in (int, float):
            return Field(3, repr(value))
        if type(value) is Text:
            return Field(0, value)
        if type(value) is Field:
            return value
        raise error_at(
            node,
            "a dictionary holds text, numbers, booleans, lists, dictionaries, files, `number` or `field`",
        )

    def _call(self, node: ast.Call) -> Any:
        function = node.func
        if type(function) is ast.Name:
            if function.id in _SOURCE_CALLS and not node.args and not node.keywords:
                return Attachment(_SOURCE_CALLS[function.id])
            reader = _FUNCTIONS.get(function.id)
            if reader is not None:
                return reader(self, node)
            raise error_at(
                node, f"`{function.id}` cannot stand inside an expression; assign its result first"
            )
        if type(function) is ast.Attribute:
            if function.attr == "format" and type(function.value) is ast.Constant:
                return self._format_call(node)
            dotted = ast.unparse(function)
            if dotted == "datetime.datetime.now" and not node.args and not node.keywords:
                return Attachment("CurrentDate")
            if dotted == "datetime.datetime":
                return self._date(node)
        raise error_at(node, "this call is not of the style")

    def _date(self, node: ast.Call) -> datetime.datetime:
        numbers = [argument.value for argument in node.args if type(argument) is ast.Constant]
        if (
            len(numbers) != len(node.args)
            or node.keywords
            or not all(type(number) is int for number in numbers)
        ):
            raise error_at(node, "a date takes whole numbers")
        try:
            return datetime.datetime(*numbers)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError) as error:
            raise error_at(node, f"no date: {error}") from None

    def one(self, node: ast.Call) -> ast.expr:
        """The only argument of a call."""
        if len(node.args) != 1 or node.keywords:
            raise error_at(node, "exactly one argument is expected")
        return node.args[0]

    def _ask_each_time(self, node: ast.Call) -> Attachment:
        return Attachment(
            "Ask", self._text_constant(self.one(node), node) if node.args or node.keywords else None
        )

    def _coercion(self, node: ast.Call) -> Any:
        assert isinstance(node.func, ast.Name)
        argument = self.one(node)
        if (
            node.func.id == "float"
            and type(argument) is ast.Constant
            and argument.value in ("nan", "inf", "-inf")
        ):
            return float(argument.value)
        step = {"Type": "WFCoercionVariableAggrandizement", "CoercionItemClass": _COERCED[node.func.id]}
        return _with_step(self.reference(argument), step)

    def _words(self, node: ast.Call, positional: tuple[str, ...] = ()) -> dict[str, ast.expr]:
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
        self, node: ast.Call, kind: str, keys: dict[str, str], positional: tuple[str, ...]
    ) -> Attachment:
        words = self._words(node, positional)
        of = words.pop(positional[0], None)
        if of is None or words.keys() - keys.keys():
            raise error_at(node, f"the arguments are {', '.join([positional[0], *keys])}")
        step = {"Type": kind} | {keys[word]: self.read(value) for word, value in words.items()}
        return _with_step(self.reference(of), step)

    def _coerce(self, node: ast.Call) -> Attachment:
        keys = {"coercion_class": "CoercionItemClass"}
        return self._worded_step(node, "WFCoercionVariableAggrandizement", keys, ("value",))

    def _get_property(self, node: ast.Call) -> Attachment:
        keys = {"name": "PropertyName", "user_info": "PropertyUserInfo"}
        return self._worded_step(node, "WFPropertyVariableAggrandizement", keys, ("value", "name"))

    def _format_date(self, node: ast.Call) -> Attachment:
        keys = {word: key for key, word in DATE_FORMAT_WORDS.items()}
        return self._worded_step(node, "WFDateFormatVariableAggrandizement", keys, ("value",))

    def _unit(self, node: ast.Call) -> Attachment:
        keys = {word: key for key, word in UNIT_WORDS.items()}
        return self._worded_step(node, "WFUnitVariableAggrandizement", keys, ("value",))

    def _aggrandized(self, node: ast.Call) -> Attachment:
        if len(node.args) != 2:
            raise error_at(node, "the arguments are a reference and a `dict(...)`")
        step = self.read(node.args[1])
        if type(step) is not dict:
            raise error_at(node.args[1], "a `dict(...)` is expected here")
        return _with_step(self.reference(node.args[0]), step)

    def _serialized(self, node: ast.Call) -> Any:
        if len(node.args) != 2 or node.keywords:
            raise error_at(node, "the arguments are the type and the value")
        kind, value = self._text_constant(node.args[0], node), self.read(node.args[1])
        return value if kind == "WFTextTokenString" and type(value) is Text else Serialized(kind, value)

    def _quantity(self, node: ast.Call) -> Serialized:
        return Serialized("WFQuantityFieldValue", self.arguments(node))

    def _array(self, node: ast.Call) -> Array:
        items = self.one(node)
        if type(items) is not ast.List:
            raise error_at(node, "a list is expected here")
        return Array(tuple(self._entry(item) for item in items.elts))

    def _field(self, node: ast.Call) -> Field:
        if len(node.args) != 2 or node.keywords or type(kind := node.args[0]) is not ast.Constant:
            raise error_at(node, "the arguments are the item type and the value")
        if type(kind.value) is not int:
            raise error_at(kind, "the item type is a number")
        value = node.args[1]
        return Field(kind.value, None if is_none(value) else self.read(value))

    def _number(self, node: ast.Call) -> Field:
        return Field(3, self.read(self.one(node)))

    def _file(self, node: ast.Call) -> Field:
        inner = Serialized("WFTextTokenAttachment", self.reference(self.one(node)))
        return Field(5, Serialized("WFTokenAttachmentParameterState", inner))

    def _output_uuid(self, node: ast.Call) -> OutputId:
        return OutputId(self.reference(self.one(node)).key or "")

    def _uid(self, node: ast.Call) -> plistlib.UID:
        value = self.read(self.one(node))
        if type(value) is not int or value < 0:
            raise error_at(node, "a whole number is expected here")
        return plistlib.UID(value)


def _joined(parts: list[str | Attachment]) -> Any:
    merged: list[str | Attachment] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    if all(isinstance(part, str) for part in merged):
        return "".join(map(str, merged))
    return Text(tuple(merged))


def _with_step(of: Attachment, step: dict[str, Any]) -> Attachment:
    return Attachment(of.kind, of.key, (*of.steps, step), of.label)


def is_reference(node: ast.expr) -> bool:
    """True if an expression has the form of a reference, False if it is text, a dictionary or an action."""
    if type(node) is not ast.Call:
        return type(node) in (ast.Name, ast.Attribute, ast.Subscript)
    if type(node.func) is ast.Name:
        is_source = node.func.id in _SOURCE_CALLS and not node.args and not node.keywords
        return is_source or node.func.id in _FUNCTIONS
    return ast.unparse(node.func) == "datetime.datetime.now"


def is_none(node: ast.expr) -> bool:
    """True for the constant None."""
    return type(node) is ast.Constant and node.value is None


def is_call(node: ast.expr, function: str) -> bool:
    """True for a call of a function by its plain name."""
    return type(node) is ast.Call and type(node.func) is ast.Name and node.func.id == function


_READERS: dict[type, Callable[[ExpressionReader, Any], Any]] = {
    ast.Constant: ExpressionReader._constant,
    ast.UnaryOp: ExpressionReader._negative,
    ast.JoinedStr: ExpressionReader._f_string,
    ast.Name: ExpressionReader._name,
    ast.Attribute: ExpressionReader._attribute,
    ast.Subscript: ExpressionReader._subscript,
    ast.List: ExpressionReader._list,
    ast.Dict: ExpressionReader.fields,
    ast.Call: ExpressionReader._call,
}

_FUNCTIONS: dict[str, Callable[[ExpressionReader, ast.Call], Any]] = {
    "aggrandized": ExpressionReader._aggrandized,
    "array": ExpressionReader._array,
    "ask_each_time": ExpressionReader._ask_each_time,
    "coerce_variable": ExpressionReader._coerce,
    "dict": ExpressionReader.arguments,
    "field": ExpressionReader._field,
    "file": ExpressionReader._file,
    "float": ExpressionReader._coercion,
    "format_date": ExpressionReader._format_date,
    "get_property": ExpressionReader._get_property,
    "number": ExpressionReader._number,
    "output_uuid": ExpressionReader._output_uuid,
    "plist_uid": ExpressionReader._uid,
    "quantity": ExpressionReader._quantity,
    "serialized": ExpressionReader._serialized,
    "str": ExpressionReader._coercion,
    "unit_variable_transform": ExpressionReader._unit,
}
