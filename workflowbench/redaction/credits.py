"""Credits: who made a shortcut or what it builds on, in comments, titles and descriptions.

RoutineHub asks authors to give credit in a comment at the top of a shortcut. What it says of the origin of a
shortcut is kept as its attribution; who is named is personal data.
"""

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from workflowbench.redaction.field_names import COMMENT_TEXT
from workflowbench.redaction.placeholders import Kind
from workflowbench.redaction.text_detection import Span, pieces

COMMENT = "is.workflow.actions.comment"
MAX_ATTRIBUTION_CHARS = 1000

_HANDLE = r"@\w[\w.-]{1,38}\w|/?u/[\w-]{3,30}"
_CAPITAL = r"[A-Z\u00c0-\u00de\u0391-\u03a9\u0410-\u042f]"
_CAPITALISED = rf"{_CAPITAL}[\w'\u2019-]{{1,30}}\.?(?: {_CAPITAL}[\w'\u2019-]{{0,30}}\.?){{0,2}}"
_VERBS = (
    "made|created|written|developed|built|designed|coded|programmed|modified|remixed|forked|adapted|inspired"
)
_SIGNED = re.compile(
    rf"(?i:\b(?:{_VERBS}) by(?: ?:)? +)({_HANDLE}|{_CAPITALISED}|\w[\w-]{{2,30}})"
    rf"|(?i:^ *by:? +)({_HANDLE}|{_CAPITALISED})",
    re.MULTILINE,
)
_THANKED = re.compile(
    r"(?i:\b(?:credits?|thanks|thank you|kudos|props)(?: go(?:es)?)?(?: to)?:? +"
    r"|\b(?:author|creator|developer)s?: *|(?:©|\(c\)|\bcopyright) *(?:\(c\)|©)? *(?:\d{4}[ ,-]*)*)"
    rf"({_HANDLE}|{_CAPITALISED})"
)
_PROFILE = re.compile(
    r"(?i:(?:routinehub\.co|reddit\.com)/u(?:ser)?/"
    r"|(?<![\w-])(?:twitter|x|instagram|facebook|youtube|tiktok|t)\.(?:com|me)/@?)(\w[\w.-]+)"
)
_PATTERNS = (_PROFILE, _SIGNED, _THANKED)
_MARK = re.compile(
    r"(?i)\bby\b|credit|thank|kudos|props|author|creator|developer|copyright|©|\(c\)|\.(?:com|co|me)/"
)
_NOBODY = frozenset(
    [
        *(
            "a",
            "an",
            "all",
            "any",
            "channel",
            "groups",
            "holder",
            "holders",
            "http",
            "https",
            "apple",
            "default",
            "each",
            "everyone",
            "facebook",
            "github",
        ),
        *("google", "hand", "him", "her", "i", "ios", "it", "itself", "mac", "me", "my", "reddit"),
        *("routinehub", "shortcut", "shortcuts", "siri", "someone", "the", "them", "these", "this"),
        *("to", "us", "using", "watch", "we", "you", "your"),
    ]
)
_ORIGIN = re.compile(
    r"(?i)\b(?:by|credits?|thanks|authors?|creators?|developers?|copyright|licen[cs]e[ds]?|based on|inspired"
    r"|originals?|originally|source|forked|remix(?:ed)?)\b|©|https?://"
)


def credited_names(text: str) -> Iterator[Span]:
    """Persons whom a text names as authors or thanks, in order, without overlaps."""
    if _MARK.search(text) is None:
        return
    for start, piece in pieces(text):
        spans = sorted(
            match.span(match.lastindex or 0) for pattern in _PATTERNS for match in pattern.finditer(piece)
        )
        end = 0
        for begin, stop in spans:
            if begin >= end and not _is_nobody(piece[begin:stop]):
                yield start + begin, start + stop, Kind.PERSON
                end = stop


def _is_nobody(name: str) -> bool:
    first = name.split()[0].lower()
    return first in _NOBODY or (first.endswith("ing") and name.islower())


def attribution(workflow: dict[str, Any]) -> str | None:
    """What the comments before the first other action say about the origin of a shortcut, line by line.

    Args:
        workflow: Root of a redacted property list: the lines hold no names.
    """
    comments = takewhile(_is_comment, workflow["WFWorkflowActions"])
    texts = (comment_text(action.get("WFWorkflowActionParameters") or {}) for action in comments)
    lines = (line.strip() for text in texts for line in text.splitlines())
    origin = "\n".join(dict.fromkeys(line for line in lines if _ORIGIN.search(line)))
    return origin[:MAX_ATTRIBUTION_CHARS] or None


def _is_comment(action: dict[str, Any]) -> bool:
    return str(action["WFWorkflowActionIdentifier"]) == COMMENT


def comment_text(parameters: dict[str, Any]) -> str:
    """The text of a comment, which may be a token string; empty for other actions."""
    text = parameters.get(COMMENT_TEXT)
    if type(text) is dict and type(text.get("Value")) is dict:
        text = text["Value"].get("string")
    return text if type(text) is str else ""
