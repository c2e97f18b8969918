"""The tokens of a syntax tree that data flows between."""

from bisect import bisect_left
from dataclasses import dataclass, field

from workflowbench.evaluation.codebleu.grammar import KIND_NAMES, kind
from workflowbench.evaluation.codebleu.syntax import COMMENT, SyntaxTree

STRING = kind("string")
_IDENTIFIER = kind("identifier")


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


def find_leaves(tree: SyntaxTree, text: str, source: bytes, *, exact_text: bool) -> Leaves:
    """The tokens of a tree.

    Args:
        tree: The tree.
        text: The text that was parsed.
        source: The same in UTF-8.
        exact_text: Cut tokens out right. The package `codebleu` 0.7.0 counts columns in bytes and cuts
            by them in characters, which shifts tokens on lines that are not ASCII.

    """
    leaves = Leaves()
    cut = _Cut(source) if exact_text or text.isascii() else _ShiftedCut(text, source)
    nodes, ends = tree.nodes, tree.ends
    shared: dict[int, list[int]] = {}
    end = 0
    for node, number in enumerate(tree.kinds):
        if node < end or (ends[node] - node > 1 and number != STRING) or number == COMMENT:
            continue
        end = ends[node]
        start_byte, end_byte = nodes[node].start_byte, nodes[node].end_byte
        token = cut(start_byte, end_byte)
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


class _Cut:
    """Text of a token, its lines joined."""

    def __init__(self, source: bytes) -> None:
        self._source = source

    def __call__(self, start: int, end: int) -> str:
        return self._source[start:end].replace(b"\n", b"").decode()


class _ShiftedCut(_Cut):
    """Text of a token as the package `codebleu` 0.7.0 cuts it; calls must come in order of the tokens."""

    def __init__(self, text: str, source: bytes) -> None:
        super().__init__(source)
        self._lines = text.split("\n")
        self._row = 0
        self._row_start = 0
        self._row_end = self._find_row_end()

    def __call__(self, start: int, end: int) -> str:
        while start > self._row_end:
            self._row += 1
            self._row_start = self._row_end + 1
            self._row_end = self._find_row_end()
        line = self._lines[self._row]
        first = start - self._row_start
        if end <= self._row_end:
            return line[first : end - self._row_start]
        n_rows = self._source.count(b"\n", start, end)
        last_start = self._source.rfind(b"\n", start, end) + 1
        between = self._lines[self._row + 1 : self._row + n_rows]
        return line[first:] + "".join(between) + self._lines[self._row + n_rows][: end - last_start]

    def _find_row_end(self) -> int:
        found = self._source.find(b"\n", self._row_start)
        return len(self._source) if found < 0 else found
