"""Reads Python expressions of the style back into parameter values: the inverse of `expressions`."""

import ast
import string
from collections.abc import Callable, Iterator
from typing import Any

from workflowbench.shortcuts.expressions import NUMBER_STATE
from workflowbench.shortcuts.helper_reading import HELPER_READERS, read_date, with_step
from workflowbench.shortcuts.names import INPUTS
from workflowbench.shortcuts.program_errors import error_at
from workflowbench.shortcuts.values import Array, Attachment, Field, Fields, Serialized, Text

_INPUT_KINDS = {name: kind for kind, name in INPUTS.items()}
_SOURCE_CALLS = {
    "is_workflow_actions_getclipboard": "Clipboard",
    "is_workflow_actions_getdevicedetails": "DeviceDetails",
}


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
        for key, value in self._keywords(call):
            if key in given:
                raise error_at(value, f"`{key}` is given twice")
            given[key] = self.read(value)
        return given

    def _keywords(self, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
        for word in call.keywords:
            if word.arg is not None:
                yield word.arg, word.value
                continue
            if type(word.value) is not ast.Dict:
                raise error_at(word.value, "`**` takes a dictionary of parameter keys")
            for key, value in zip(word.value.keys, word.value.values, strict=True):
                yield self.text(key, word.value), value

    def text(self, node: ast.expr | None, near: ast.AST) -> str:
        """Value of an expression that must be plain text; an error without a place of its own is put near."""
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
        template = self.text(call.func.value, call)
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
        return with_step(self.reference(node.value), step)

    def _subscript(self, node: ast.Subscript) -> Attachment:
        key = self.text(node.slice, node)
        step = {"Type": "WFDictionaryValueVariableAggrandizement", "DictionaryKey": key}
        return with_step(self.reference(node.value), step)

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
            items.append((self.read(key), self.entry(value)))
        return Fields(tuple(items))

    def entry(self, node: ast.expr) -> Field:
        """Entry of a dictionary that a person filled in, or item of its arrays."""
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
            return Field(2, Array(tuple(self.entry(item) for item in node.elts)))  # type: ignore[attr-defined]
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
            reader = HELPER_READERS.get(function.id)
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
                return read_date(node)
        raise error_at(node, "this call is not of the style")

    def one(self, node: ast.Call) -> ast.expr:
        """The only argument of a call."""
        if len(node.args) != 1 or node.keywords:
            raise error_at(node, "exactly one argument is expected")
        return node.args[0]


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


def is_reference(node: ast.expr) -> bool:
    """True if an expression has the form of a reference, False if it is text, a dictionary or an action."""
    if type(node) is not ast.Call:
        return type(node) in (ast.Name, ast.Attribute, ast.Subscript)
    if type(node.func) is ast.Name:
        is_source = node.func.id in _SOURCE_CALLS and not node.args and not node.keywords
        return is_source or node.func.id in HELPER_READERS
    return ast.unparse(node.func) == "datetime.datetime.now"


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
