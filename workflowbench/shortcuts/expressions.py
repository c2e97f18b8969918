"""Writes parameter values as Python expressions (docs/python-style.md)."""

import keyword
import plistlib
from collections.abc import Callable, Iterable
from typing import Any

from workflowbench.shortcuts.conditions import (
    number_of,
)
from workflowbench.shortcuts.literals import format_string, quote, quote_inline, scalar
from workflowbench.shortcuts.names import is_plain
from workflowbench.shortcuts.values import (
    Array,
    Attachment,
    Field,
    Fields,
    OutputId,
    Serialized,
    Text,
)

SOURCES = {
    "Clipboard": "is_workflow_actions_getclipboard()",
    "CurrentDate": "datetime.datetime.now()",
    "DeviceDetails": "is_workflow_actions_getdevicedetails()",
}
"""Expression of each attachment that is neither a result, a variable, an input nor a question."""

DATE_FORMAT_WORDS = {
    "WFDateFormatStyle": "date_format",
    "WFTimeFormatStyle": "time_format",
    "WFISO8601IncludeTime": "iso_include_time",
    "WFDateFormat": "custom_format",
    "WFRelativeDateFormatStyle": "relative_format",
}
UNIT_WORDS = {"WFMeasurementUnitType": "unit_type", "WFUnitSymbol": "unit_symbol"}
COERCIONS = {"WFStringContentItem": "str", "WFNumberContentItem": "float"}
METHOD_WORDS = frozenset({"append", "keys", "values", "format", "startswith", "endswith"})
NUMBER_STATE = "WFNumberSubstitutableState"


class ExpressionWriter:
    """Writes the values of one program.

    Args:
        name_of: Gives the Python name of a result, variable or input, and notes that it is used.
    """

    def __init__(self, name_of: Callable[[Attachment], str]) -> None:
        self._name_of = name_of

    def write(self, value: Any) -> str:
        """Expression of any parameter value."""
        writer = _WRITERS.get(type(value))
        return scalar(value) if writer is None else writer(self, value)

    def arguments(self, parameters: dict[str, Any], skip: Iterable[str] = ()) -> list[str]:
        """Keyword arguments in alphabetical order; keys that are no identifiers go through `**`."""
        written, odd = [], []
        for key in sorted(parameters):
            if key in skip:
                continue
            if key.isascii() and key.isidentifier() and not keyword.iskeyword(key):
                written.append(f"{key}={self.write(parameters[key])}")
            else:
                odd.append(f"{quote(key)}: {self.write(parameters[key])}")
        if odd:
            written.append(f"**{{{', '.join(odd)}}}")
        return written

    def text(self, value: Text) -> str:
        """An f-string, or a call of `format` where none can hold the expressions."""
        return format_string(
            [
                (part, False) if isinstance(part, str) else (self.attachment(part), True)
                for part in value.parts
            ]
        )

    def attachment(self, value: Attachment) -> str:
        """A reference with what is applied to it."""
        if value.kind == "Ask":
            expression = f"ask_each_time({'' if value.key is None else quote_inline(value.key)})"
        else:
            expression = SOURCES.get(value.kind) or self._name_of(value)
        for step in value.steps:
            expression = self._step(expression, step)
        return expression

    def _step(self, of: str, step: dict[str, Any]) -> str:
        writer = _STEPS.get(step.get("Type", ""))
        return (writer(self, of, step) if writer else None) or f"aggrandized({of}, {self._dict(step)})"

    def _property(self, of: str, step: dict[str, Any]) -> str | None:
        name, extra = step.get("PropertyName"), step.keys() - {"Type", "PropertyName"}
        if type(name) is not str or extra - {"PropertyUserInfo"}:
            return None
        if not extra and is_plain(name) and name not in METHOD_WORDS:
            return f"{of}.{name}"
        info = f", user_info={self.inline(step['PropertyUserInfo'])}" if extra else ""
        return f"get_property({of}, {quote_inline(name)}{info})"

    def _dictionary_value(self, of: str, step: dict[str, Any]) -> str | None:
        key = step.get("DictionaryKey")
        return f"{of}[{quote_inline(key)}]" if type(key) is str and len(step) == 2 else None

    def _coercion(self, of: str, step: dict[str, Any]) -> str | None:
        target = step.get("CoercionItemClass")
        if type(target) is not str or len(step) != 2:
            return None
        if target in COERCIONS:
            return f"{COERCIONS[target]}({of})"
        return f"coerce_variable(value={of}, coercion_class={quote_inline(target)})"

    def _date_format(self, of: str, step: dict[str, Any]) -> str | None:
        return self._worded("format_date", of, step, DATE_FORMAT_WORDS)

    def _unit(self, of: str, step: dict[str, Any]) -> str | None:
        return self._worded("unit_variable_transform", of, step, UNIT_WORDS)

    def _worded(self, function: str, of: str, step: dict[str, Any], words: dict[str, str]) -> str | None:
        if step.keys() - words.keys() - {"Type"}:
            return None
        given = [f"{word}={self.inline(step[key])}" for key, word in words.items() if key in step]
        return f"{function}({', '.join([f'value={of}', *given])})"

    def inline(self, value: Any) -> str:
        """Expression of a value inside an expression that an f-string may hold."""
        return quote_inline(value) if type(value) is str else self.write(value)

    def _dict(self, value: dict[str, Any]) -> str:
        return f"dict({', '.join(self.arguments(value))})"

    def _list(self, value: list[Any]) -> str:
        return f"[{', '.join([self._list_item(item) for item in value])}]"

    def _list_item(self, item: Any) -> str:
        if type(item) is Field and item.kind == 0 and type(item.value) is Text:
            return self.text(item.value)
        if type(item) is Text:
            return f"serialized({quote('WFTextTokenString')}, {self.text(item)})"
        return self.write(item)

    def _serialized(self, value: Serialized) -> str:
        if value.type == "WFQuantityFieldValue" and type(value.value) is dict:
            return f"quantity({', '.join(self.arguments(value.value))})"
        return f"serialized({quote(value.type)}, {self.write(value.value)})"

    def _field(self, value: Field) -> str:
        return f"field({value.kind}, {'None' if value.value is None else self.write(value.value)})"

    def _fields(self, value: Fields) -> str:
        return f"{{{', '.join([f'{self.write(key)}: {self._entry(field)}' for key, field in value.items])}}}"

    def _array(self, value: Array) -> str:
        return f"array([{', '.join([self._entry(field) for field in value.items])}])"

    def _entry(self, field: Field) -> str:
        """Value of a dictionary's entry or an array's item; its item type can be told from the expression."""
        kind, value = field.kind, field.value
        if kind == 0 and (value is None or type(value) in (str, Text)):
            return "None" if value is None else self.write(value)
        if kind == 1 and type(value) is Fields:
            return self._fields(value)
        if kind == 2 and type(value) is Array:
            return f"[{', '.join([self._entry(item) for item in value.items])}]"
        if kind == 3 and type(value) in (str, Text):
            number = number_of(value) if isinstance(value, str) else None
            return f"number({self.write(value)})" if number is None else repr(number)
        if (
            kind == 4
            and type(value) is Serialized
            and value.type == NUMBER_STATE
            and type(value.value) is bool
        ):
            return repr(value.value)
        if kind == 5 and (file := file_of(value)) is not None:
            return f"file({self.attachment(file)})"
        return self._field(field)

    def _output_id(self, value: OutputId) -> str:
        return f"output_uuid({self._name_of(Attachment('ActionOutput', value.uuid))})"

    def _uid(self, value: plistlib.UID) -> str:
        return f"plist_uid({value.data})"


def file_of(value: Any) -> Attachment | None:
    """The reference inside a dictionary's entry of type file, if it has the usual shape."""
    if type(value) is Serialized and value.type == "WFTokenAttachmentParameterState":
        inner = value.value
        if (
            type(inner) is Serialized
            and inner.type == "WFTextTokenAttachment"
            and type(inner.value) is Attachment
        ):
            return inner.value
    return None


_WRITERS: dict[type, Callable[[ExpressionWriter, Any], str]] = {
    str: lambda _, value: quote(value),
    dict: ExpressionWriter._dict,
    list: ExpressionWriter._list,
    Attachment: ExpressionWriter.attachment,
    Text: ExpressionWriter.text,
    Fields: ExpressionWriter._fields,
    Array: ExpressionWriter._array,
    Field: ExpressionWriter._field,
    Serialized: ExpressionWriter._serialized,
    OutputId: ExpressionWriter._output_id,
    plistlib.UID: ExpressionWriter._uid,
}

_STEPS: dict[str, Callable[[ExpressionWriter, str, dict[str, Any]], str | None]] = {
    "WFPropertyVariableAggrandizement": ExpressionWriter._property,
    "WFDictionaryValueVariableAggrandizement": ExpressionWriter._dictionary_value,
    "WFCoercionVariableAggrandizement": ExpressionWriter._coercion,
    "WFDateFormatVariableAggrandizement": ExpressionWriter._date_format,
    "WFUnitVariableAggrandizement": ExpressionWriter._unit,
}
