"""Base64 in a text: found in one line or wrapped, decoded to a text or a picture, and encoded as it was."""

import binascii
import re
from base64 import b64decode, b64encode

from workflowbench.redaction.pictures import is_picture

BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/]{24,}+(?:(?<=[A-Za-z0-9+/]{60})\r?\n[A-Za-z0-9+/]++)*+={0,2}")
"""A run of at least 24 characters, with line breaks after lines of at least 60. It never steps back."""
_LINE_BREAK = re.compile(r"\r?\n")
_PART_OF_A_NAME = re.compile(r"[\w+/=-]")
_SEARCHED_BYTES = 1 << 16


def decoded(match: re.Match[str]) -> bytes | None:
    """What a match of `BASE64` decodes to, None if that is neither a text nor a picture."""
    text = match[0]
    if "\n" in text:
        text = _LINE_BREAK.sub("", text)
    missing = -len(text) % 4
    if missing == 3 or _PART_OF_A_NAME.match(match.string, match.end()):
        return None
    try:
        data = b64decode(text + "=" * missing, validate=True)
    except binascii.Error:
        return None
    return data if is_picture(data) or as_text(data) is not None else None


def encoded_like(match: re.Match[str], data: bytes) -> str:
    """Base64 of other bytes in the form of a match: its padding, the length of its lines, its line breaks."""
    text = b64encode(data).decode()
    if not match[0].endswith("=") and len(_LINE_BREAK.sub("", match[0])) % 4:
        text = text.rstrip("=")
    line_break = _LINE_BREAK.search(match[0])
    if line_break is None:
        return text
    width = line_break.start()
    return line_break[0].join(text[start : start + width] for start in range(0, len(text), width))


def as_text(data: bytes) -> str | None:
    """Bytes as text, None if they are none."""
    if b"\0" in data[:_SEARCHED_BYTES]:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None
