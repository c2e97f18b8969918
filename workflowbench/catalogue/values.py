"""Plain JSON values: the form that every default takes, whatever file it comes from."""

from collections.abc import Mapping
from datetime import date, datetime


def plain_value(value: object) -> object:
    """Turn a default into plain JSON; dates become ISO 8601 text.

    Raises:
        TypeError: A value that neither a property list nor JSON can hold.

    """
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain_value(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(part) for part in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no plain value")
