"""Parameter values: what a property list stores in many shapes becomes one small set of types.

Plain values (text, numbers, booleans, bytes, dates, lists, dictionaries) stay as they are. Apple's
serialised states become the classes of this module. Reading and writing are inverse up to what the
canonical form ignores (docs/canonical-form.md).
"""

from dataclasses import dataclass
from typing import Any

TYPE_KEY = "WFSerializationType"
OBJECT_REPLACEMENT = "\ufffc"
VARIABLE_SOURCES = frozenset({"ExtensionInput", "Clipboard", "CurrentDate", "Ask", "Input", "DeviceDetails"})


@dataclass(slots=True)
class Attachment:
    """A reference to a value at run time.

    Attributes:
        kind: Apple's `Type`: `ActionOutput`, `Variable` or one of `VARIABLE_SOURCES`.
        key: Output UUID in upper case, variable name, or the prompt of `Ask`; else None.
        steps: Apple's `Aggrandizements`, applied left to right.
        label: Apple's `OutputName`; names the Python variable, no part of the meaning.
    """

    kind: str
    key: str | None = None
    steps: tuple[dict[str, Any], ...] = ()
    label: str | None = None


@dataclass(slots=True)
class Text:
    """Text that holds attachments: parts are text and attachments in order."""

    parts: tuple["str | Attachment", ...]


@dataclass(slots=True)
class Field:
    """An entry of a dictionary or an item of an array that a person filled in.

    Attributes:
        kind: Apple's `WFItemType`: 0 text, 1 dictionary, 2 array, 3 number, 4 boolean, 5 file.
        value: The value, None if it was left empty.
    """

    kind: int
    value: Any


@dataclass(slots=True)
class Fields:
    """A dictionary that a person filled in (`WFDictionaryFieldValue`): key and field in order."""

    items: tuple[tuple[Any, Field], ...]


@dataclass(slots=True)
class Array:
    """An array inside such a dictionary (`WFArrayParameterState`)."""

    items: tuple[Field, ...]


@dataclass(slots=True)
class Serialized:
    """Any other serialised state: its `WFSerializationType` and value."""

    type: str
    value: Any


@dataclass(slots=True)
class OutputId:
    """The bare UUID of an action's output, where Apple stores it as text."""

    uuid: str
