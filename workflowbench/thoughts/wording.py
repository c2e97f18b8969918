"""Words from identifiers, keys and scraped text, made safe for one line of a comment."""

import re
import unicodedata

from workflowbench.shortcuts.values import OBJECT_REPLACEMENT

QUOTE_LIMIT = 60
"""Characters of a quoted text that are shown before the ellipsis."""

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Python reads `coding:` or `coding=` in a comment on the first two lines as the encoding of a file.
_ENCODING_COOKIE = re.compile(r"coding(?=[:=])")
_KEY_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ASCII_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?|\d+")


def one_line(text: str, limit: int) -> str:
    """Put a text on one line of at most `limit` characters: no control characters, cut with an ellipsis.

    U+FFFC, which stands for an attachment in Apple's texts, is none of the words either.
    """
    head = text[: limit * 4].replace(OBJECT_REPLACEMENT, " ")
    if not head.isprintable():
        head = "".join(" " if unicodedata.category(char) in _UNSAFE_CATEGORIES else char for char in head)
    clean = " ".join(_ENCODING_COOKIE.sub("coding ", head).split())
    if len(clean) > limit or len(head) < len(text):
        return clean[: limit - 1].rstrip() + "…"
    return clean


def quote(text: str, limit: int = QUOTE_LIMIT) -> str:
    """Return the text in single quotes, on one line; `empty text` if nothing readable is left."""
    shown = one_line(text, limit)
    return f"'{shown}'" if shown else "empty text"


def key_words(key: str) -> str:
    """Put a parameter key or identifier in words: `WFHTTPMethod` is `HTTP method`."""
    words = _KEY_WORD.findall(key)
    if len(words) > 1 and words[0] == "WF":
        words = words[1:]
    elif words and words[0].startswith("WF") and len(words[0]) > 2:
        words[0] = words[0][2:]
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)


def snake(text: str) -> str:
    """Return the ASCII letters and digits of the text in lower case, words joined by `_`."""
    return "_".join(word.replace("'", "").lower() for word in _ASCII_WORD.findall(text))


def lower_first(sentence: str) -> str:
    """Give the sentence a small first letter, unless its first word is an acronym or a name like `iCloud`."""
    first = sentence.split(" ", 1)[0]
    return sentence if first[1:] != first[1:].lower() else sentence[:1].lower() + sentence[1:]


def upper_first(sentence: str) -> str:
    """Give the sentence a capital first letter."""
    return sentence[:1].upper() + sentence[1:]
