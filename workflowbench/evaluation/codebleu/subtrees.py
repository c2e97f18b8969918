"""The sub-trees of a syntax tree, as hashes of their S-expressions.

A sub-tree is the root or any node with children. Its S-expression holds kinds and field names, no names or
literals. Equal expressions have equal hashes on every run of one Python version, unequal ones differ but for
chance (64 bits). Hashing bottom-up takes linear time, writing every expression takes quadratic.
"""

from collections import Counter
from functools import lru_cache

from workflowbench.evaluation.codebleu.digests import digest
from workflowbench.evaluation.codebleu.grammar import KIND_NAMES, NAMED
from workflowbench.evaluation.codebleu.syntax import SyntaxTree

_MISSING = "MISSING "
_BRACKETS = {"'('": "'open'", "')'": "'close'", '"("': '"open"', '")"': '"close"'}


def count_subtrees(tree: SyntaxTree) -> Counter[int]:
    """How often each sub-tree occurs, by hash."""
    ends = tree.ends
    expression = str(tree.nodes[0])
    named = [node for node, kind in enumerate(tree.kinds) if NAMED[kind]]
    if _MISSING in expression:
        named = [node for node in named if not tree.nodes[node].is_missing]
    renamed = {node: _hash_renamed(tree, node) for node in tree.leaked}
    hashes = _hash_nodes(expression)
    return Counter(
        [
            renamed.get(node, value)
            for node, value in zip(named, hashes, strict=True)
            if ends[node] > node + 1 or node == 0
        ]
        + [
            _hash_nodes(str(tree.nodes[node]))[0]
            for node, kind in enumerate(tree.kinds)
            if not NAMED[kind] and ends[node] > node + 1
        ]
    )


def _hash_renamed(tree: SyntaxTree, node: int) -> int:
    """The hash of a node under another kind than its expression says."""
    expression = str(tree.nodes[node]).removeprefix(f"({tree.nodes[node].type}")
    return _hash_nodes(f"({KIND_NAMES[tree.kinds[node]]}{expression}")[0]


def _hash_nodes(expression: str) -> list[int]:
    """A hash for each node of an S-expression in pre-order, without the tokens that the parser made up."""
    if _MISSING in expression or "UNEXPECTED" in expression:
        for bracket, word in _BRACKETS.items():
            expression = expression.replace(bracket, word)
    hashes: list[int] = []
    items: list[int] = []
    open_items = [items]
    open_nodes: list[int] = []
    for part in expression.split("(")[1:]:
        head, closed, tail, is_token = _decode(part)
        if not closed:
            open_nodes.append(len(hashes))
            hashes.append(0)
            items = [head]
            open_items.append(items)
            continue
        if is_token:
            hashes.append(head)
        items.append(head)
        for _ in range(closed - 1):
            value = hash(tuple(open_items.pop()))
            hashes[open_nodes.pop()] = value
            items = open_items[-1]
            items.append(value)
        if tail:
            items.append(tail)
    return hashes


@lru_cache(maxsize=8192)
def _decode(part: str) -> tuple[int, int, int, bool]:
    """A piece of an S-expression between two opening brackets.

    Returns:
        A hash of the kind, or of the whole node if it ends here; how many nodes end here; a hash of the field
        name of the next node, or 0; and whether this is a node, not a token that the parser made up.

    """
    name, bracket, rest = part.partition(")")
    if not bracket:
        return digest(name), 0, 0, True
    tail = rest.lstrip(")").strip()
    closed = 1 + rest.count(")")
    return hash((digest(name),)), closed, digest(tail) if tail else 0, not name.startswith(_MISSING)
