"""Screening: which of the many texts of a shortcut must be looked at closely, found in one pass over all."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from workflowbench.redaction.base64_text import BASE64, decoded
from workflowbench.redaction.marks import holds_any
from workflowbench.redaction.pictures import is_harmless
from workflowbench.redaction.placeholders import PLACEHOLDER
from workflowbench.redaction.secret_patterns import active_patterns
from workflowbench.redaction.text_detection import FINDERS, OBJECT_REPLACEMENT, lower_case

SEPARATOR = "\x1f"
"""A blank to every pattern that ends none of them: what is found in joined texts lies in one of them."""
_OTHER_BLANK = "\x1e"
_LONG_BASE64 = 1024
"""Longer than any secret that stands alone: of a run of this length, only the ends are searched as text."""
_END_CHARS = 64
MIN_CHARS = 5


@dataclass(frozen=True, slots=True)
class Screened:
    """Texts to look at closely.

    Attributes:
        suspects: Every text in which `find_spans` finds something, and few others.
        encoded: Texts with base64 of a text, or of a picture that says where it was taken.
    """

    suspects: set[str]
    encoded: set[str]


def screen(texts: Collection[str]) -> Screened:
    """Find the texts that must be looked at closely; fast because it looks at all of them at once."""
    candidates = [text for text in texts if len(text) >= MIN_CHARS and not _is_uuid(text)]
    alone = {text for text in candidates if _must_stand_alone(text)}
    joined = [text for text in candidates if text not in alone] if alone else candidates
    whole = SEPARATOR.join(joined)
    runs = list(BASE64.finditer(whole))
    hiding = (run.start() for run in runs if not is_harmless(decoded(run) or b""))
    searched = _without_long(whole, runs).replace(OBJECT_REPLACEMENT, _OTHER_BLANK)
    return Screened(
        alone | _holders(joined, searched, _places(searched)), alone | _holders(joined, whole, hiding)
    )


def _is_uuid(text: str) -> bool:
    """True for the form of a UUID, which a third of all texts have; nothing is found in one."""
    return len(text) == 36 and text[8] == text[13] == text[18] == text[23] == "-"


def _must_stand_alone(text: str) -> bool:
    """True if joining would change what is found: within placeholders, nothing ever is."""
    return SEPARATOR in text or ("<" in text and PLACEHOLDER.search(text) is not None)


def _without_long(whole: str, runs: list[re.Match[str]]) -> str:
    parts, end = [], 0
    for run in runs:
        if run.end() - run.start() >= _LONG_BASE64:
            parts.append(whole[end : run.start() + _END_CHARS])
            end = run.end() - _END_CHARS
    return "".join([*parts, whole[end:]]) if parts else whole


def _holders(joined: list[str], whole: str, places: Iterator[int]) -> set[str]:
    """The texts that hold the given places of the whole."""
    separators = [match.start() for match in re.finditer(SEPARATOR, whole)]
    return {joined[bisect_left(separators, place)] for place in places}


def _places(text: str) -> Iterator[int]:
    """Where something is found in a text."""
    lowered = lower_case(text)
    for pattern in active_patterns(lowered):
        yield from (start for start, _ in pattern.spans(text))
    for finder in FINDERS:
        if holds_any(lowered, finder.marks):
            yield from (start for start, _, _ in finder.find(text))
