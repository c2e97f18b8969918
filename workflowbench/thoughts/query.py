"""The query: what a person would ask for to get a workflow."""

import re
import zlib
from collections.abc import Sequence

from workflowbench.thoughts.wording import lower_first, one_line

_TITLE_LIMIT = 80
_PURPOSE_LIMIT = 320
_FEWEST_WORDS = 3
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[^\s@]+@[^\s@]+\.[^\s@]+", re.IGNORECASE)
# An identifier or function of an API (a reversed domain name), or the programming language.
_FORBIDDEN = re.compile(
    r"\b(?:is[._]workflow|(?:ai|app|co|com|de|dev|dk|fr|fyi|io|net|org|uk)[._][a-z]\w*)[._][a-z][\w.]*|\bpython\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=。)|\n+")
_SELF_REFERENCE = re.compile(
    r"^(?:this|the|my|an?)\s+(?:\w+\s+)?(?:shortcut|workflow|automation)\s+(?:is\s+)?"
    r"(?:(?:that|which|to|will|can|lets? you|allows you to|helps you(?: to)?|enables you to)\s+)*",
    re.IGNORECASE,
)
# What authors add about themselves, the version or the requirements.
_HOUSEKEEPING = re.compile(
    r"^\W*(?:by|created?|credits?|follow|made|note|please|requires?|requirements|thanks?|updated?|v(?:ersion)?\W?\d)\b",
    re.IGNORECASE,
)
_HISTORY = re.compile(
    r"^\W*(?:change\s?log|changes|history|release notes|updates|version history|what's new)\b", re.IGNORECASE
)
_USELESS_TITLE = re.compile(
    r"(?:untitled|new|unnamed|my|test|copy of|shortcut|workflow|kurzbefehl|\d|\W|_)*", re.IGNORECASE
)

# Each is filled with the workflow, by its name if it has one, and with what it is for or what it does.
_FOR_PURPOSE = (
    "How can I set up {workflow} that does the following: {purpose}?",
    "I would like {workflow} for this purpose: {purpose}. What steps does it take?",
    "Could you build me {workflow} for the following: {purpose}?",
    "What steps would I follow to make {workflow} that covers this: {purpose}?",
)
_DOING = (
    "How can I set up {workflow} that {purpose}?",
    "I would like {workflow} that {purpose}. What steps does it take?",
    "Could you build me {workflow} that {purpose}?",
    "What steps would I follow to make {workflow} that {purpose}?",
)


def query_for(workflow_id: str, title: str, description: str | None, actions: Sequence[str]) -> str:
    """Write a question or request in natural language, on one line.

    It is made from the title and the description; where the description says too little, from the main
    actions. Addresses, API identifiers and mentions of Python are left out.

    Args:
        workflow_id: Chooses among equivalent wordings, so that the same workflow is always asked for alike.
        title: Title of the shortcut.
        description: Description given by the author.
        actions: What the main actions do, one short sentence each.

    """
    name = usable_title(title)
    workflow = f'a workflow called "{name}"' if name else "a workflow"
    purpose = usable_purpose(description)
    wordings = _FOR_PURPOSE if purpose else _DOING
    wording = wordings[zlib.crc32(workflow_id.encode()) % len(wordings)]
    return wording.format(workflow=workflow, purpose=purpose or _deeds(actions))


def usable_title(title: str) -> str:
    """Return the title on one line; empty if it says nothing (`Untitled`, `Shortcut 3`) or names an API."""
    if _FORBIDDEN.search(title):
        return ""
    name = one_line(title.replace("_", " ").replace('"', "'"), _TITLE_LIMIT)
    return "" if _USELESS_TITLE.fullmatch(name) else name


def usable_purpose(description: str | None) -> str:
    """Return the first sentences of the description; empty if they hold fewer than three words.

    Self-reference (`This shortcut lets you ...`) is left out.
    """
    kept: list[str] = []
    for sentence in _SENTENCE_END.split((description or "")[: 8 * _PURPOSE_LIMIT]):
        if _HISTORY.match(sentence):
            break
        clean = one_line(_ADDRESS.sub("", sentence), _PURPOSE_LIMIT).rstrip(" .!?。:")
        clean = _SELF_REFERENCE.sub("", clean)
        if _says_enough(clean) and not _FORBIDDEN.search(clean) and not _HOUSEKEEPING.match(clean):
            kept.append(lower_first(clean))
    while len("; ".join(kept)) > _PURPOSE_LIMIT:
        kept.pop()
    return "; ".join(kept)


def _says_enough(text: str) -> bool:
    """Tell whether a sentence has three words, or six letters of a script that writes without blanks."""
    return (
        len(text.split()) >= _FEWEST_WORDS or sum(char.isalpha() and not char.isascii() for char in text) >= 6
    )


def _deeds(actions: Sequence[str]) -> str:
    clauses = [_clause(action) for action in actions if not _FORBIDDEN.search(action)]
    if not clauses:
        return "runs a few simple steps one after another"
    return clauses[0] if len(clauses) == 1 else f"{', '.join(clauses[:-1])} and then {clauses[-1]}"


def _clause(action: str) -> str:
    """Return what an action does up to its first comma: `turns it on or off`, not `, or toggles it`."""
    deed, colon, value = action.partition(": ")
    return lower_first(f"{deed.split(', ')[0]}{colon}{value}")
