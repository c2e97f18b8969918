"""Text of HTML nodes, cleaned for people and tables."""

import re

from selectolax.lexbor import LexborNode

_BLOCKS = "p, li, br, div, pre, blockquote, tr, h1, h2, h3, h4, h5, h6"
_HIDDEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")


def prose_of(node: LexborNode | None) -> str:
    """Text of a node with a line for each block element; empty where there is no node."""
    if node is None:
        return ""
    for block in node.css(_BLOCKS):
        block.insert_after("\n")
    lines = (cleaned(line) for line in node.text().splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def text_of(node: LexborNode | None) -> str:
    """Text of a node on one line; empty where there is no node."""
    return "" if node is None else cleaned(node.text())


def cleaned(text: str) -> str:
    """Collapse white space and drop what cannot be shown: control and bidirectional override characters."""
    return " ".join(_HIDDEN.sub("", text).split())


def attribute_of(node: LexborNode | None, name: str) -> str:
    """Value of an attribute; empty where there is none."""
    return "" if node is None else node.attributes.get(name) or ""
