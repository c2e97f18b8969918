"""Token strings: text in which U+FFFC marks the attachments, whose offsets count UTF-16 code units."""

import re
from typing import Any

OBJECT_REPLACEMENT = "\ufffc"
_RANGE = re.compile(r"\{\s*(\d+)\s*,(\s*\d+\s*)\}")


def is_token_string(value: dict[Any, Any]) -> bool:
    """True for a dictionary of a text and the attachments in it by their range."""
    return type(value.get("string")) is str and type(value.get("attachmentsByRange")) is dict


def move_attachments(ranges: dict[str, Any], before: str, after: str) -> dict[str, Any]:
    """Attachments by range for a text that changed between its U+FFFC but kept every one of them.

    An attachment whose offset points at no free U+FFFC is kept in its order behind the end of the text,
    where Shortcuts and the transcription give it the first place that is left.
    """
    moved_to = dict(zip(_places(before), _places(after), strict=True))
    end = _units(after)
    moved: dict[str, str] = {}
    for order, span in enumerate(sorted(ranges, key=_offset)):
        match = _RANGE.fullmatch(span)
        if match is not None:
            place = moved_to.pop(int(match[1]), None)
            moved[span] = f"{{{end + order if place is None else place},{match[2]}}}"
    return {moved.get(span, span): attachment for span, attachment in ranges.items()}


def _offset(span: str) -> float:
    match = _RANGE.fullmatch(span)
    return int(match[1]) if match else float("inf")


def _places(text: str) -> list[int]:
    """Offset of each U+FFFC in UTF-16 code units."""
    places, offset = [], 0
    for part in text.split(OBJECT_REPLACEMENT)[:-1]:
        offset += _units(part)
        places.append(offset)
        offset += 1
    return places


def _units(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)
