"""The figures of a program that every table of programs holds, taken from its action tree."""

from dataclasses import dataclass

from workflowbench.shortcuts.canonical import workflow_id
from workflowbench.shortcuts.tree import Action, Block, Tree, count_actions, tokens, walk


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What a program is made of.

    Attributes:
        workflow_id: Hash of the canonical action tree.
        apis: Distinct identifiers of the actions, in order of first use.
        n_actions: Actions and block markers.
        n_conditionals: `if` and `match` blocks.
        n_loops: Loops.
        nesting_depth: Greatest depth of nested blocks; 0 is a flat workflow.
        tokens: The tree in pre-order, one token per action and block marker.
    """

    workflow_id: str
    apis: list[str]
    n_actions: int
    n_conditionals: int
    n_loops: int
    nesting_depth: int
    tokens: list[str]


def code_facts(tree: Tree) -> CodeFacts:
    """The facts of a tree whose implicit inputs are written out."""
    nodes = list(walk(tree.body))
    blocks = [node for node, _ in nodes if isinstance(node, Block)]
    conditionals = sum(block.kind in ("if", "menu") for block in blocks)
    return CodeFacts(
        workflow_id=workflow_id(tree),
        apis=list(dict.fromkeys(node.identifier for node, _ in nodes if isinstance(node, Action))),
        n_actions=count_actions(tree.body),
        n_conditionals=conditionals,
        n_loops=len(blocks) - conditionals,
        nesting_depth=max((depth + 1 for node, depth in nodes if isinstance(node, Block)), default=0),
        tokens=tokens(tree.body),
    )
