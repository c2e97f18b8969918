"""Python literals in the published style: triple single quotes, text kept word for word."""

import datetime
import re
from typing import Any

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufeff\ufffc\ud800-\udfff]")
_INLINE = re.compile('[^"\\\\#{}\x00-\x1f\x7f\ufeff\ufffc\ud800-\udfff]*')

MAX_INLINE = 200
"""Python 3.11 parses an f-string in quadratic time of its expressions; real texts hold a few dozen."""


def _escape_control(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def escape(text: str) -> str:
    """Escape text for the inside of a triple-quoted literal."""
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "'" in text and ("''" in text or text.endswith("'")):
        text = text.replace("'", "\\'")
    return _CONTROL.sub(_escape_control, text)


def quote(text: str) -> str:
    """A triple-quoted literal whose value is exactly the text."""
    return f"'''{escape(text)}'''"


def quote_inline(text: str) -> str:
    """A literal for use inside an expression: in double quotes where an f-string can hold it."""
    return f'"{text}"' if _INLINE.fullmatch(text) and "'''" not in text else quote(text)


def fits_f_string(expression: str) -> bool:
    """True if an f-string of Python 3.11 can hold an expression made with `quote_inline`."""
    return "'''" not in expression


def format_string(parts: list[tuple[str, bool]]) -> str:
    """Text with expressions.

    Args:
        parts: Text or expression, with True for an expression.

    Returns:
        An f-string, or `'''...{}...'''.format(...)` if they do not fit into one.
    """
    expressions = [part for part, is_expression in parts if is_expression]
    inline = len(expressions) <= MAX_INLINE and all(map(fits_f_string, expressions))
    body = []
    for part, is_expression in parts:
        if is_expression:
            body.append(f"{{{part}}}" if inline else "{}")
        else:
            body.append(escape(part).replace("{", "{{").replace("}", "}}"))
    text = f"'''{''.join(body)}'''"
    return f"f{text}" if inline else f"{text}.format({', '.join(expressions)})"


def scalar(value: Any) -> str:
    """Literal of a number, boolean, bytes or date."""
    if isinstance(value, float) and value - value != 0:
        return f"float({quote(repr(value))})"
    if isinstance(value, (bool, int, float, bytes, datetime.datetime)):
        return repr(value)
    raise TypeError(f"a property list holds no {type(value).__name__}")
