"""Writes parameter values in the shapes that a property list stores: the inverse of `value_reading`."""

from collections.abc import Callable
from typing import Any

from workflowbench.shortcuts.values import (
    OBJECT_REPLACEMENT,
    TYPE_KEY,
    Array,
    Attachment,
    Field,
    Fields,
    OutputId,
    Serialized,
    Text,
)


class ValueWriter:
    """Turns values back into the shapes that a property list stores.

    Args:
        uuid_of: Gives the UUID of an output by its key.
        label_of: Gives the label of an output by its key.
    """

    def __init__(self, uuid_of: Callable[[str], str], label_of: Callable[[str], str]) -> None:
        self._uuid_of = uuid_of
        self._label_of = label_of

    def write(self, value: Any) -> Any:
        """Shape of any value; plain values stay as they are."""
        writer = _WRITERS.get(type(value))
        return value if writer is None else writer(self, value)

    def wrapped(self, value: Attachment) -> dict[str, Any]:
        """A reference as a parameter stores it."""
        return {"Value": self.attachment(value), TYPE_KEY: "WFTextTokenAttachment"}

    def attachment(self, value: Attachment) -> dict[str, Any]:
        """A bare reference, as serialised states store it."""
        written: dict[str, Any] = {"Type": value.kind}
        if value.kind == "ActionOutput":
            key = value.key or ""
            written |= {"OutputUUID": self._uuid_of(key), "OutputName": self._label_of(key)}
        elif value.kind == "Variable":
            written["VariableName"] = value.key
        elif value.key is not None:
            written["Prompt"] = value.key
        if value.steps:
            written["Aggrandizements"] = [self.write(step) for step in value.steps]
        return written

    def _dict(self, value: dict[str, Any]) -> dict[str, Any]:
        return {key: self.write(item) for key, item in value.items()}

    def _list(self, value: list[Any]) -> list[Any]:
        return [self.write(item) for item in value]

    def _text(self, value: Text) -> dict[str, Any]:
        ranges = {}
        string = ""
        for part in value.parts:
            if isinstance(part, str):
                string += part
            else:
                offset = len(string) + sum(1 for char in string if char > "\uffff")
                ranges[f"{{{offset}, 1}}"] = self.attachment(part)
                string += OBJECT_REPLACEMENT
        return {"Value": {"string": string, "attachmentsByRange": ranges}, TYPE_KEY: "WFTextTokenString"}

    def _serialized(self, value: Serialized) -> dict[str, Any]:
        return {"Value": self._state(value.value), TYPE_KEY: value.type}

    def _state(self, value: Any) -> Any:
        if type(value) is Attachment:
            return self.attachment(value)
        if type(value) is dict:
            return {key: self._state(item) for key, item in value.items()}
        return self.write(value)

    def _fields(self, value: Fields) -> dict[str, Any]:
        items = [{**self._field(field), "WFKey": self.write(key)} for key, field in value.items]
        return {"Value": {"WFDictionaryFieldValueItems": items}, TYPE_KEY: "WFDictionaryFieldValue"}

    def _array(self, value: Array) -> dict[str, Any]:
        items = [
            field.value if field.kind == 0 and type(field.value) is str else self._field(field)
            for field in value.items
        ]
        return {"Value": items, TYPE_KEY: "WFArrayParameterState"}

    def _field(self, value: Field) -> dict[str, Any]:
        if value.value is None:
            return {"WFItemType": value.kind}
        written = self.write(value.value)
        if value.kind == 1 and type(value.value) is Fields:
            written = {"Value": written, TYPE_KEY: "WFDictionaryFieldValue"}
        return {"WFItemType": value.kind, "WFValue": written}

    def _output_id(self, value: OutputId) -> str:
        return self._uuid_of(value.uuid)


_WRITERS: dict[type, Callable[[ValueWriter, Any], Any]] = {
    dict: ValueWriter._dict,
    list: ValueWriter._list,
    Attachment: ValueWriter.wrapped,
    Text: ValueWriter._text,
    Fields: ValueWriter._fields,
    Array: ValueWriter._array,
    Field: ValueWriter._field,
    Serialized: ValueWriter._serialized,
    OutputId: ValueWriter._output_id,
}
