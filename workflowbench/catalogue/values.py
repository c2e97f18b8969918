"""Plain JSON values: the form that every default takes, whatever file it comes from."""

import base64
from collections.abc import Mapping
from datetime import date


def plain_value(value: object) -> object:
    """Turn a value of a property list into plain JSON; dates become ISO 8601 text, bytes Base64 text."""
    if isinstance(value, Mapping):
        return {str(key): plain_value(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value
