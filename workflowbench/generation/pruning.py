"""Pruning a seed's action tree to the calls of given APIs, with the values and blocks that these need."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from workflowbench.catalogue.constructs import CONSTRUCTS, ENDINGS
from workflowbench.generation.value_references import references_of
from workflowbench.shortcuts.conditions import CONTAINS, HAS_NO_VALUE, HAS_VALUE
from workflowbench.shortcuts.tree import PREFIX, STORES, Action, Block, Branch, Node, walk

MOST_CALLS = 3
"""Calls of one API that are kept, in the order of the program."""

_NO_VALUES = frozenset({PREFIX + "comment", PREFIX + "nothing"})
_ITEMS = "WFMenuItems"
_PAIRS = ((0, 3), (1, 2), (4, 5), (CONTAINS, 999), (HAS_VALUE, HAS_NO_VALUE))
_OPPOSITES = {code: other for pair in _PAIRS for code, other in (pair, pair[::-1])}
"""Codes of conditions that hold where another one does not."""


def pruned(body: Sequence[Node], given: Collection[str]) -> list[Node]:
    """Return the part of a tree that serves the given APIs; the tree itself stays as it is.

    Calls of given APIs stay, at most `MOST_CALLS` of each, but none that ends the run; a block stays if such
    a call is inside; texts, dictionaries, questions and variables stay if what stays uses them. Cases of a
    menu that hold nothing go, and a menu of which one case is left is replaced by its body.
    """
    return swept(_kept(body, frozenset(given) - CONSTRUCTS - ENDINGS, Counter()))


def swept(body: Sequence[Node]) -> list[Node]:
    """Return a body without the values that nothing uses, and without the branches that are empty then."""
    kept = list(body)
    while (smaller := _without_unused(kept, _used(kept))) != kept:
        kept = smaller
    return _tidied(kept)


def _kept(body: Sequence[Node], wanted: frozenset[str], calls: Counter[str]) -> list[Node]:
    kept: list[Node] = []
    for node in body:
        if isinstance(node, Block):
            branches = [Branch(_kept(branch.body, wanted, calls), branch.title) for branch in node.branches]
            if any(_holds_call(branch.body, wanted) for branch in branches):
                kept.append(replace(node, branches=branches, uuid=None, label=None))
        elif node.identifier in wanted:
            calls[node.identifier] += 1
            if calls[node.identifier] <= MOST_CALLS:
                kept.append(node)
        elif node.identifier in CONSTRUCTS - _NO_VALUES:
            kept.append(node)
    return kept


def _holds_call(body: list[Node], wanted: frozenset[str]) -> bool:
    return any(type(node) is Action and node.identifier in wanted for node, _ in walk(body))


def _used(body: list[Node]) -> set[tuple[str, str]]:
    """Kind and key of every output and variable that something refers to."""
    used = set()
    for node, _ in walk(body):
        own = _stored_variable(node)
        for reference in references_of(node):
            if (found := (reference.kind, reference.key or "")) != own:
                used.add(found)
    return used


def _stored_variable(node: Node) -> tuple[str, str] | None:
    if isinstance(node, Action) and node.identifier in STORES:
        return "Variable", str(node.parameters.get("WFVariableName"))
    return None


def _without_unused(body: Sequence[Node], used: Collection[tuple[str, str]]) -> list[Node]:
    kept: list[Node] = []
    for node in body:
        if isinstance(node, Block):
            branches = [Branch(_without_unused(branch.body, used), branch.title) for branch in node.branches]
            kept.append(replace(node, branches=branches))
        elif node.identifier not in CONSTRUCTS or _made(node) in used:
            kept.append(node)
    return kept


def _made(node: Action) -> tuple[str, str]:
    return _stored_variable(node) or ("ActionOutput", node.uuid or "")


def _tidied(body: Sequence[Node]) -> list[Node]:
    return [tidy for node in body for tidy in _tidy(node)]


def _tidy(node: Node) -> Iterator[Node]:
    if isinstance(node, Action):
        yield node
        return
    branches = [Branch(_tidied(branch.body), branch.title) for branch in node.branches]
    if node.kind == "menu":
        branches = [branch for branch in branches if branch.body]
        if len(branches) == 1:
            yield from branches[0].body
        else:
            yield replace(node, branches=branches, parameters=_with_items(node.parameters, branches))
    else:
        yield _without_empty_branch(replace(node, branches=branches))


def _without_empty_branch(block: Block) -> Block:
    """Return an `if` without its empty branch, the condition turned round where that can be written."""
    if len(block.branches) < 2:
        return block
    then, otherwise = block.branches
    if not otherwise.body:
        return replace(block, branches=[then])
    if then.body or len(block.conditions) != 1 or block.conditions[0].code not in _OPPOSITES:
        return block
    (condition,) = block.conditions
    opposite = replace(condition, code=_OPPOSITES[condition.code])
    return replace(block, branches=[otherwise], conditions=[opposite])


def _with_items(parameters: dict[str, Any], branches: Sequence[Branch]) -> dict[str, Any]:
    """Return a menu's parameters with the items that still have a case; items that are no plain text go."""
    items = parameters.get(_ITEMS)
    if not isinstance(items, list):
        return parameters
    titles = [branch.title for branch in branches]
    return parameters | {_ITEMS: [item for item in items if item in titles]}
