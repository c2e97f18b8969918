"""Implicit inputs: what an action takes when its input parameter is absent.

Shortcuts hands each action the output of the action before it, and an action whose input parameter is
absent uses that. A program must say so, hence this module writes the reference out. Which parameter is
the input, and which actions have an output, comes from the API catalogue.
"""

from workflowbench.catalogue.flow import input_key, yields_output
from workflowbench.shortcuts.tree import STORES, Action, Block, Node, Tree
from workflowbench.shortcuts.values import Attachment

Flow = Action | Block | Attachment | None
"""What the next action would receive: a node's output, a reference, or nothing known."""


def fill_implicit_inputs(tree: Tree) -> None:
    """Write every implicit input of a tree out, in place."""
    _Filler(tree).fill(tree.body, None, 0)


def flow_after(node: Node, flow: Flow) -> Flow:
    """What flows on after a node."""
    if isinstance(node, Block):
        return node
    if node.identifier in STORES:
        stored = node.parameters.get("WFInput")
        return stored if isinstance(stored, Attachment) else flow
    return node if yields_output(node.identifier) else flow


def flow_into(block: Block, flow: Flow, depth: int) -> Flow:
    """What the first action inside a block receives; depth counts the loops around it, its own included."""
    if block.kind == "each":
        return Attachment("Variable", loop_variable("Repeat Item", depth))
    if block.kind == "if":
        tested = block.conditions[0].input
        return tested if isinstance(tested, Attachment) else flow
    return flow


def loop_variable(name: str, depth: int) -> str:
    """Apple's name of a loop variable: `Repeat Item`, `Repeat Item 2`, ..."""
    return name if depth == 1 else f"{name} {depth}"


class _Filler:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._invented = 0

    def fill(self, body: list[Node], flow: Flow, loops: int) -> None:
        for node in body:
            if isinstance(node, Block):
                self._fill_block(node, flow, loops)
            elif (key := input_key(node.identifier)) is not None and key not in node.parameters:
                reference = self._reference(flow)
                if reference is not None:
                    node.parameters[key] = reference
            flow = flow_after(node, flow)

    def _fill_block(self, block: Block, flow: Flow, loops: int) -> None:
        if block.kind == "if":
            for condition in block.conditions:
                if condition.input is None:
                    condition.input = self._reference(flow)
        elif block.kind == "each" and "WFInput" not in block.parameters:
            reference = self._reference(flow)
            if reference is not None:
                block.parameters["WFInput"] = reference
        loops += block.kind in ("each", "count")
        inner = flow_into(block, flow, loops)
        for branch in block.branches:
            self.fill(branch.body, inner, loops)

    def _reference(self, flow: Flow) -> Attachment | None:
        if flow is None or isinstance(flow, Attachment):
            return flow
        if flow.uuid is None:
            self._invented += 1
            flow.uuid = f"IMPLICIT-{self._invented}"
        self._tree.referenced.add(flow.uuid)
        return Attachment("ActionOutput", flow.uuid)
