"""How large a page's tree can become: HTML that is never closed multiplies while it is parsed.

By HTML5's rules an open `<font>` is opened again in every later paragraph: measured here, 36 kB of text
became 1.6 million elements and 836 MB. The bound is therefore checked on the bytes, before they are parsed.
It is an estimate that takes a tag inside a comment or a quoted attribute for a tag.
"""

import re
from collections import Counter

MAX_DEPTH = 512
"""Most elements inside one another; real pages have a few dozen."""

MAX_WORK = 500_000
"""Largest product of depth and number of tags; large real pages have about a tenth of it."""

MAX_ATTRIBUTES = 30_000
"""Most words that can be attributes of one element: the parser compares each with every other one."""

_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
_REST_OF_TAG = re.compile(rb"""(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_WORD_ENDS = re.compile(rb"[\s/\"']+")
_NOT_NESTED = frozenset(
    b"area base br col dd dt embed hr img input li link meta option p param source td th tr track wbr".split()
)
"""Elements without content, and those that the next of their kind closes."""


def is_bounded(body: bytes) -> bool:
    """Whether a page's tree is small enough to be built; an end tag alone closes nothing."""
    depth = deepest = n_tags = tag_end = 0
    opened: Counter[bytes] = Counter()
    for match in _TAG.finditer(body):
        if match.start() >= tag_end:
            tag_end = _end_of_tag(body, match.end())
            if not _has_few_attributes(body, match.end(), tag_end):
                return False
        n_tags, name = n_tags + 1, match[2].lower()
        if name in _NOT_NESTED or (match[1] and not opened[name]):
            continue
        step = -1 if match[1] else 1
        opened[name] += step
        depth += step
        deepest = max(deepest, depth)
    return deepest <= MAX_DEPTH and deepest * n_tags <= MAX_WORK


def _end_of_tag(body: bytes, begin: int) -> int:
    rest = _REST_OF_TAG.match(body, begin)
    return rest.end() if rest else len(body)


def _has_few_attributes(body: bytes, begin: int, end: int) -> bool:
    return end - begin <= 2 * MAX_ATTRIBUTES or len(_WORD_ENDS.findall(body, begin, end)) <= MAX_ATTRIBUTES
