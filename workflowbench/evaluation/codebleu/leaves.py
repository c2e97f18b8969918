"""The tokens of a syntax tree that data flows between."""

import re
from bisect import bisect_left
from dataclasses import dataclass, field

from workflowbench.evaluation.codebleu.grammar import KIND_NAMES, kind
from workflowbench.evaluation.codebleu.syntax import COMMENT, SyntaxTree

STRING = kind("string")
_IDENTIFIER = kind("identifier")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


@dataclass(slots=True)
class Leaves:
    """The tokens that carry data: names and literals, not keywords and signs, whose text is their kind.

    Attributes:
        nodes: Node of each token; a string is one token, a comment is none.
        texts: Text of each token, lines joined.
        numbers: Number of each token; empty tokens at one place share the number of the last of them.
        is_identifier: By token: whether it is a name.

    """

    nodes: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    is_identifier: list[bool] = field(default_factory=list)

    def within(self, tree: SyntaxTree, node: int) -> range:
        """The tokens below a node, or the node itself."""
        return range(bisect_left(self.nodes, node), bisect_left(self.nodes, tree.ends[node]))


def find_leaves(tree: SyntaxTree, text: str, *, exact_text: bool) -> Leaves:
    """The tokens of a tree.

    Args:
        tree: The tree.
        text: The text that was parsed.
        exact_text: Cut tokens out right. The package `codebleu` 0.7.0 counts columns in bytes and cuts
            by them in characters, which shifts tokens on lines that are not ASCII.

    """
    leaves = Leaves()
    letters = _indexed_by_bytes(text, exact_text=exact_text)
    nodes, ends = tree.nodes, tree.ends
    shared: dict[int, list[int]] = {}
    end = 0
    for node, number in enumerate(tree.kinds):
        if node < end or (ends[node] - node > 1 and number != STRING) or number == COMMENT:
            continue
        end = ends[node]
        start_byte, end_byte = nodes[node].start_byte, nodes[node].end_byte
        token = letters[start_byte:end_byte].replace("\n", "")
        if token == KIND_NAMES[number]:
            continue
        if start_byte == end_byte:
            shared.setdefault(start_byte, []).append(len(leaves.nodes))
        leaves.nodes.append(node)
        leaves.texts.append(token)
        leaves.is_identifier.append(number == _IDENTIFIER)
    leaves.numbers = list(range(len(leaves.nodes)))
    for group in shared.values():
        for leaf in group:
            leaves.numbers[leaf] = group[-1]
    return leaves


def _indexed_by_bytes(text: str, *, exact_text: bool) -> str:
    """The text with line ends added, which no token keeps, until offsets in bytes are its indices."""
    if text.isascii():
        return text
    if exact_text:
        return _NOT_ASCII.sub(lambda letter: letter[0] + _padding(letter[0]), text)
    return "\n".join([line + _padding(line) for line in text.split("\n")])


def _padding(text: str) -> str:
    return "\n" * (len(text.encode()) - len(text))
