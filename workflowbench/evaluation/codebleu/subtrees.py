"""The sub-trees of a syntax tree, as hashes of their S-expressions.

A sub-tree is the root or any node with children. Its S-expression holds kinds and field names, no names or
literals. Equal expressions have equal hashes on every run of one Python version, unequal ones differ but for
chance (64 bits). Hashing bottom-up takes linear time, writing every expression takes quadratic.
"""

from collections import Counter
from functools import lru_cache
from itertools import compress

from workflowbench.evaluation.codebleu.digests import digest
from workflowbench.evaluation.codebleu.grammar import KIND_NAMES, NAMED
from workflowbench.evaluation.codebleu.syntax import SyntaxTree

_MISSING = "MISSING "
_MADE_UP_TOKENS = (f'{_MISSING}"', f"{_MISSING}_")
_BRACKETS = {"'('": "'open'", "')'": "'close'", '"("': '"open"', '")"': '"close"'}


def count_subtrees(tree: SyntaxTree) -> Counter[int]:
    """How often each sub-tree occurs, by hash."""
    kinds, ends = tree.kinds, tree.ends
    hashes = _hash_nodes(str(tree.nodes[0]))
    named = compress(range(len(kinds)), map(NAMED.__getitem__, kinds))
    counted = {node: value for node, value in zip(named, hashes, strict=True) if ends[node] - node > 1}
    counted[0] = hashes[0]
    counted |= {node: _hash_renamed(tree, node) for node in tree.leaked if node in counted}
    unnamed = [node for node in tree.parents if not NAMED[kinds[node]]]
    return Counter([*counted.values(), *(_hash_nodes(str(tree.nodes[node]))[0] for node in unnamed)])


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
    outer: list[tuple[int, list[int]]] = []
    for piece in expression.split("(")[1:]:
        head, closed, tail, is_token = _decode(piece)
        if not closed:
            outer.append((len(hashes), items))
            hashes.append(0)
            items = [head]
            continue
        items.append(head)
        if is_token:
            hashes.append(head)
        while closed > 1:
            closed -= 1
            value = hash(tuple(items))
            node, items = outer.pop()
            hashes[node] = value
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
    return hash((digest(name),)), closed, digest(tail) if tail else 0, not name.startswith(_MADE_UP_TOKENS)
