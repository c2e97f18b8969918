"""How large a page's tree can become: HTML that is never closed multiplies while it is parsed.

By HTML5's rules an open `<font>` is opened again in every later paragraph: measured here, 36 kB of text
became 1.6 million elements and 836 MB. The bound is therefore checked on the bytes, before they are parsed.
"""

import re

MAX_DEPTH = 512
"""Most elements inside one another; real pages have a few dozen."""

MAX_WORK = 500_000
"""Largest product of depth and number of tags; large real pages have about a tenth of it."""

_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
_NOT_NESTED = frozenset(
    b"area base br col dd dt embed hr img input li link meta option p param source td th tr track wbr".split()
)
"""Elements without content, and those that the next of their kind closes."""


def is_bounded(body: bytes) -> bool:
    """Whether a page's tree is small enough to be built."""
    depth = deepest = n_tags = 0
    for match in _TAG.finditer(body):
        n_tags += 1
        if match[2].lower() not in _NOT_NESTED:
            depth = max(0, depth - 1) if match[1] else depth + 1
            deepest = max(deepest, depth)
    return deepest <= MAX_DEPTH and deepest * n_tags <= MAX_WORK
