"""The form of answers: JSON schemas within what servers with structured output support."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}


def record(**properties: Schema) -> Schema:
    """Schema of an object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def list_of(items: Schema) -> Schema:
    """Schema of a list."""
    return {"type": "array", "items": items}


def numbered_texts(count: int) -> Schema:
    """Schema of an object that has one text for each number from 1 to `count`."""
    return record(**{str(number): TEXT for number in range(1, count + 1)})


def in_order(answer: Mapping[str, str]) -> list[str]:
    """Texts of such an object, numbered from 1, in the order of their numbers."""
    return [answer[str(number)] for number in range(1, len(answer) + 1)]
