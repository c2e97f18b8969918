"""Reads parameter values from the shapes that a property list stores."""

import re
from collections.abc import Collection
from typing import Any

from workflowbench.shortcuts.values import (
    OBJECT_REPLACEMENT,
    TYPE_KEY,
    VARIABLE_SOURCES,
    Array,
    Attachment,
    Field,
    Fields,
    OutputId,
    Serialized,
    Text,
)

_RANGE = re.compile(r"\{\s*(\d+)\s*,\s*\d+\s*\}")
_LABELS = frozenset({"Type", "OutputName", "OutputUUID", "VariableName", "VariableUUID", "Aggrandizements"})


class ValueReader:
    """Reads parameter values of one workflow, and notes which outputs they refer to.

    Args:
        uuids: UUIDs of the workflow's actions, in upper case.
    """

    def __init__(self, uuids: Collection[str]) -> None:
        self._uuids = uuids
        self.referenced: set[str] = set()
        self.variables: dict[str, None] = {}
        self.labels: dict[str, str] = {}

    def read(self, value: Any) -> Any:
        """Turn a value of a property list into the types of this module."""
        kind = type(value)
        if kind is str:
            return self._read_text(value)
        if kind is dict:
            return self._read_dict(value)
        if kind is list:
            return [self._read_item(item) for item in value]
        return value

    def _read_text(self, value: str) -> Any:
        if len(value) == 36 and (upper := value.upper()) in self._uuids:
            self.referenced.add(upper)
            return OutputId(upper)
        return value

    def _read_item(self, item: Any) -> Any:
        """An item of a plain list; an item of type text without attachments is its text."""
        if (
            type(item) is dict
            and type(item.get("WFItemType")) is int
            and item.keys() <= {"WFItemType", "WFValue"}
        ):
            field = self._read_field(item)
            return field.value if field.kind == 0 and type(field.value) is str else field
        return self.read(item)

    def _read_dict(self, value: dict[str, Any]) -> Any:
        if len(value) == 2:
            if TYPE_KEY in value and "Value" in value and type(value[TYPE_KEY]) is str:
                return self._read_state(value[TYPE_KEY], value["Value"])
            if value.get("Type") == "Variable" and type(value.get("Variable")) is dict:
                inner = self.read(value["Variable"])
                if type(inner) is Attachment:
                    return inner
        return {key: self.read(item) for key, item in value.items()}

    def _read_state(self, kind: str, value: Any) -> Any:
        known = None
        if kind == "WFTextTokenString":
            known = self.read_token_string(value)
        elif kind == "WFTextTokenAttachment":
            known = self.read_attachment(value)
        elif kind == "WFDictionaryFieldValue":
            known = self._read_fields(value)
        elif kind == "WFArrayParameterState":
            known = self._read_array(value)
        if known is not None:
            return known
        return Serialized(kind, self._read_state_value(value))

    def _read_state_value(self, value: Any) -> Any:
        attachment = self.read_attachment(value)
        if attachment is not None:
            return attachment
        if type(value) is not dict:
            return self.read(value)
        if TYPE_KEY in value and "Value" in value:
            read = self.read(value)
            return Serialized("WFTextTokenAttachment", read) if type(read) is Attachment else read
        return {key: self._read_state_value(item) for key, item in value.items()}

    def read_attachment(self, value: Any) -> Attachment | None:
        """Read an attachment; None if the value is none, or holds what an attachment cannot."""
        if type(value) is not dict:
            return None
        kind = value.get("Type")
        steps = value.get("Aggrandizements", [])
        if type(kind) is not str or type(steps) is not list or not all(type(step) is dict for step in steps):
            return None
        if kind == "Variable" and "Variable" in value:
            return self._read_nested_variable(value, steps)
        if value.keys() - _LABELS - ({"Prompt"} if kind == "Ask" else set()):
            return None
        key: str | None = None
        if kind == "ActionOutput":
            key = value.get("OutputUUID")
            if type(key) is not str:
                return None
            key = key.upper()
            self.referenced.add(key)
            if key not in self.labels and type(value.get("OutputName")) is str:
                self.labels[key] = value["OutputName"]
        elif kind == "Variable":
            key = value.get("VariableName")
            if type(key) is not str:
                return None
            self.variables.setdefault(key)
        elif kind == "Ask":
            key = value.get("Prompt")
            if key is not None and type(key) is not str:
                return None
        elif kind not in VARIABLE_SOURCES:
            return None
        label = value.get("OutputName")
        read_steps = tuple(self.read(step) for step in steps) if steps else ()
        return Attachment(kind, key, read_steps, label if type(label) is str else None)

    def _read_nested_variable(self, value: dict[str, Any], steps: list[Any]) -> Attachment | None:
        if value.keys() - {"Type", "Variable", "Aggrandizements"}:
            return None
        inner = self.read(value["Variable"])
        if type(inner) is not Attachment:
            return None
        added = tuple(self.read(step) for step in steps)
        return Attachment(inner.kind, inner.key, inner.steps + added, inner.label)

    def read_token_string(self, value: Any) -> Any:
        """Read a bare token string, text and attachments by range; None if the value is none."""
        if type(value) is not dict or type(value.get("string")) is not str:
            return None
        ranges = value.get("attachmentsByRange", {})
        if type(ranges) is not dict or value.keys() - {"string", "attachmentsByRange"}:
            return None
        if not ranges:
            return self._read_text(value["string"])
        placed = []
        for order, (span, raw) in enumerate(ranges.items()):
            attachment = self.read_attachment(raw)
            if attachment is None:
                return None
            match = _RANGE.fullmatch(span)
            placed.append((int(match[1]) if match else 1 << 60, order, attachment))
        placed.sort(key=lambda item: item[:2])
        return _place_attachments(value["string"], [(offset, item) for offset, _, item in placed])

    def _read_fields(self, value: Any) -> Fields | None:
        if type(value) is dict and value.keys() == {"Value", TYPE_KEY}:
            value = value["Value"]
        if type(value) is not dict or value.keys() != {"WFDictionaryFieldValueItems"}:
            return None
        entries = value["WFDictionaryFieldValueItems"]
        if type(entries) is not list:
            return None
        items = []
        for entry in entries:
            if (
                type(entry) is not dict
                or entry.keys() - {"WFItemType", "WFKey", "WFValue"}
                or "WFKey" not in entry
            ):
                return None
            if type(entry.get("WFItemType")) is not int:
                return None
            items.append((self.read(entry["WFKey"]), self._read_field(entry)))
        return Fields(tuple(items))

    def _read_field(self, entry: dict[str, Any]) -> Field:
        value = self.read(entry["WFValue"]) if "WFValue" in entry else None
        if entry["WFItemType"] == 4 and type(value) is Serialized and value.value in (0, 1):
            value = Serialized(value.type, bool(value.value))
        return Field(entry["WFItemType"], value)

    def _read_array(self, value: Any) -> Array | None:
        if type(value) is not list:
            return None
        items = []
        for item in value:
            if type(item) is str:
                items.append(Field(0, self._read_text(item)))
            elif (
                type(item) is dict
                and type(item.get("WFItemType")) is int
                and item.keys() <= {"WFItemType", "WFValue"}
            ):
                items.append(self._read_field(item))
            else:
                return None
        return Array(tuple(items))


def _place_attachments(string: str, placed: list[tuple[int, Attachment]]) -> Text:
    """Put attachments where U+FFFC stands; offsets count UTF-16 code units.

    An attachment whose offset does not point at a placeholder takes the first free one after the
    attachments before it, or the end of the text if none is left.
    """
    holes = _placeholder_offsets(string)
    by_offset = dict(holes)
    taken: dict[int, Attachment] = {}
    misplaced = []
    for offset, attachment in placed:
        index = by_offset.get(offset)
        if index is None or index in taken:
            misplaced.append(attachment)
        else:
            taken[index] = attachment
    free = iter([index for _, index in holes if index not in taken])
    trailing = []
    for attachment in misplaced:
        index = next(free, None)
        if index is None:
            trailing.append(attachment)
        else:
            taken[index] = attachment
    parts: list[str | Attachment] = []
    start = 0
    for index in sorted(taken):
        if index > start:
            parts.append(string[start:index])
        parts.append(taken[index])
        start = index + 1
    if start < len(string):
        parts.append(string[start:])
    return Text((*parts, *trailing))


def _placeholder_offsets(string: str) -> list[tuple[int, int]]:
    """Each U+FFFC as (offset in UTF-16 code units, index in the string)."""
    offsets = []
    start = extra = 0
    while (index := string.find(OBJECT_REPLACEMENT, start)) >= 0:
        extra += sum(1 for char in string[start:index] if char > "\uffff")
        offsets.append((index + extra, index))
        start = index + 1
    return offsets
