"""The action tree: blocks and actions of a workflow, built from the flat list that Apple stores.

Blocks are found by `GroupingIdentifier` and `WFControlFlowMode` (absent is 0). A file with missing or
stray markers is mended, and each repair is noted; the result depends on the file alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from workflowbench.shortcuts.conditions import Condition, read_conditions
from workflowbench.shortcuts.rejection import RejectedShortcut
from workflowbench.shortcuts.value_reading import ValueReader

PREFIX = "is.workflow.actions."
BLOCK_KINDS = {
    PREFIX + "conditional": "if",
    PREFIX + "repeat.each": "each",
    PREFIX + "repeat.count": "count",
    PREFIX + "choosefrommenu": "menu",
}
BLOCK_IDENTIFIERS = {kind: identifier for identifier, kind in BLOCK_KINDS.items()}
STORES = frozenset({PREFIX + "setvariable", PREFIX + "appendvariable"})
"""Actions that store their input in a variable."""
GET_VALUE = PREFIX + "getvalueforkey"
"""Gets the value for a key unless `WFGetDictionaryValueType` says otherwise."""
MAX_INDENTS = 95
"""Python's tokenizer refuses more than 100 levels of indentation."""


@dataclass(slots=True)
class Action:
    """An action that is no block marker.

    Attributes:
        identifier: Apple's identifier, with dots.
        parameters: Its parameters by key, without its UUID and the label of its result.
        uuid: Key of its output, if it has one.
        label: Name that the author gave to the result (`CustomOutputName`).
    """

    identifier: str
    parameters: dict[str, Any]
    uuid: str | None = None
    label: str | None = None


@dataclass(slots=True)
class Branch:
    """A branch of a block: then or otherwise, a menu's case with its title, or a loop's body.

    A case whose title is None holds actions that belong to no case.
    """

    body: list["Node"] = field(default_factory=list)
    title: Any = None


@dataclass(slots=True)
class Block:
    """An `if`, a menu or a loop.

    Attributes:
        kind: `if`, `menu`, `each` or `count`.
        parameters: Parameters of the start marker that are no condition.
        branches: One or two for `if`, one for loops, any number for a menu.
        conditions: Conditions of an `if`, in order.
        match_any: True if one condition is enough, False if all must hold.
        uuid: Key of the block's result, if it has one.
        label: Name that the author gave to the result.
    """

    kind: str
    parameters: dict[str, Any]
    branches: list[Branch] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    match_any: bool = False
    uuid: str | None = None
    label: str | None = None


Node = Action | Block


@dataclass(slots=True)
class Tree:
    """A workflow's actions as a tree.

    Attributes:
        body: Top-level nodes in order.
        referenced: Keys of the outputs that something refers to.
        variables: Names of the variables that occur, in order of first sight (the keys of the dict).
        labels: Label of an output as the first reference to it spells it, by output key.
        repairs: What was mended, in order.
    """

    body: list[Node]
    referenced: set[str]
    variables: dict[str, None] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A block whose end has not come yet."""

    block: Block
    group: object
    body: list[Node]
    depth: int


def build_tree(actions: list[dict[str, Any]]) -> Tree:
    """Build the tree of a workflow's `WFWorkflowActions`.

    Raises:
        RejectedShortcut: Blocks are nested deeper than Python can indent.
    """
    parameters = [action.get("WFWorkflowActionParameters") or {} for action in actions]
    identifiers = [action["WFWorkflowActionIdentifier"] for action in actions]
    uuids = {
        given["UUID"].upper()
        for identifier, given in zip(identifiers, parameters, strict=True)
        if identifier not in BLOCK_KINDS and type(given.get("UUID")) is str
    }
    builder = _Builder(ValueReader(uuids), uuids)
    for identifier, given in zip(identifiers, parameters, strict=True):
        builder.add(identifier, given)
    return builder.finish()


class _Builder:
    def __init__(self, reader: ValueReader, action_uuids: set[str]) -> None:
        self._reader = reader
        self._action_uuids = action_uuids
        self._root: list[Node] = []
        self._open: list[_Open] = []
        self._body = self._root
        self._repairs: list[str] = []

    def add(self, identifier: str, given: dict[str, Any]) -> None:
        """Add the next action or block marker."""
        kind = BLOCK_KINDS.get(identifier)
        if kind is None:
            uuid, label, parameters = self._read_parameters(given)
            if identifier == GET_VALUE and parameters.get("WFGetDictionaryValueType") == "Value":
                del parameters["WFGetDictionaryValueType"]
            self._body.append(Action(identifier, parameters, uuid, label))
            if identifier in STORES and type(variable := parameters.get("WFVariableName")) is str:
                self._reader.variables.setdefault(variable)
            return
        mode = given.get("WFControlFlowMode", 0)
        if mode == 1:
            self._branch(kind, given)
        elif mode == 2:
            self._end(kind, given)
        else:
            self._start(kind, given)

    def finish(self) -> Tree:
        """Close what is still open and return the tree."""
        while self._open:
            self._close_unended()
        reader = self._reader
        return Tree(self._root, reader.referenced, reader.variables, reader.labels, self._repairs)

    def _read_parameters(self, given: dict[str, Any]) -> tuple[str | None, str | None, dict[str, Any]]:
        uuid = given.get("UUID")
        label = given.get("CustomOutputName")
        read = self._reader.read
        parameters = {
            key: read(value)
            for key, value in given.items()
            if key not in ("UUID", "CustomOutputName", "WFSerializationType")
        }
        return (
            uuid.upper() if type(uuid) is str else None,
            label if type(label) is str else None,
            parameters,
        )

    def _start(self, kind: str, given: dict[str, Any]) -> None:
        _, _, parameters = self._read_parameters(given)
        group = parameters.pop("GroupingIdentifier", None)
        parameters.pop("WFControlFlowMode", None)
        block = Block(kind, parameters)
        if kind == "if":
            block.conditions, block.match_any = read_conditions(parameters)
        self._body.append(block)
        depth = (self._open[-1].depth if self._open else 0) + (2 if kind == "menu" else 1)
        if depth > MAX_INDENTS:
            raise RejectedShortcut(
                "nested_too_deep",
                "blocks are nested deeper than a Python program can be indented; split the shortcut",
                threshold=MAX_INDENTS,
                observed=depth,
            )
        body: list[Node] = []
        if kind != "menu":
            block.branches.append(Branch(body))
        self._open.append(_Open(block, group, body, depth))
        self._body = body

    def _branch(self, kind: str, given: dict[str, Any]) -> None:
        opened = self._find(kind, given)
        if opened is None:
            self._repairs.append(f"a branch marker ({kind}) belonged to no block and was left out")
        elif kind == "menu":
            self._keep_loose_actions(opened)
            self._enter(opened, Branch(title=self._read_title(given)))
        elif kind == "if" and len(opened.block.branches) == 1:
            self._enter(opened, Branch())
        else:
            self._repairs.append(f"a second branch marker of a block ({kind}) was left out")

    def _enter(self, opened: _Open, branch: Branch) -> None:
        opened.block.branches.append(branch)
        opened.body = self._body = branch.body

    def _read_title(self, given: dict[str, Any]) -> Any:
        """Title of a case; one that holds variables is a bare token string under its own key."""
        attributed = given.get("WFMenuItemAttributedTitle")
        if attributed is None:
            return self._reader.read(given.get("WFMenuItemTitle"))
        bare = self._reader.read_token_string(attributed)
        return self._reader.read(attributed) if bare is None else bare

    def _keep_loose_actions(self, opened: _Open) -> None:
        """Actions between a menu and its first case become a case without a title."""
        if not opened.block.branches and opened.body:
            opened.block.branches.append(Branch(opened.body))
            self._repairs.append("actions before the first case of a menu were kept in a case of their own")

    def _end(self, kind: str, given: dict[str, Any]) -> None:
        opened = self._find(kind, given)
        if opened is None:
            self._repairs.append(f"the end of a block ({kind}) without a start was left out")
            return
        uuid, label = given.get("UUID"), given.get("CustomOutputName")
        if type(uuid) is str and uuid.upper() in self._action_uuids:
            self._repairs.append("the result of a block had the UUID of an action, which keeps it")
        elif type(uuid) is str:
            opened.block.uuid = uuid.upper()
        opened.block.label = label if type(label) is str else None
        self._pop()

    def _find(self, kind: str, given: dict[str, Any]) -> _Open | None:
        """The open block that a marker belongs to; blocks left open inside it are closed."""
        group = given.get("GroupingIdentifier")
        matches = [
            index
            for index, opened in enumerate(self._open)
            if opened.block.kind == kind and opened.group == group
        ]
        if not matches and group is None:
            matches = [len(self._open) - 1] if self._open and self._open[-1].block.kind == kind else []
        if not matches:
            return None
        while len(self._open) - 1 > matches[-1]:
            self._close_unended()
        return self._open[-1]

    def _close_unended(self) -> None:
        self._repairs.append(f"the end of a block ({self._open[-1].block.kind}) was missing")
        self._pop()

    def _pop(self) -> None:
        self._keep_loose_actions(self._open[-1])
        self._open.pop()
        self._body = self._open[-1].body if self._open else self._root


def walk(body: list[Node], depth: int = 0) -> Iterator[tuple[Node, int]]:
    """Every node in document order with the number of blocks around it."""
    stack = [(node, depth) for node in reversed(body)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        if type(node) is Block:
            for branch in reversed(node.branches):
                stack.extend((inner, depth + 1) for inner in reversed(branch.body))


def tokens(body: list[Node]) -> list[str]:
    """The tree in pre-order as one token per action and block marker: identifier and parameter keys."""
    result: list[str] = []
    for node in body:
        if isinstance(node, Action):
            result.append(f"{node.identifier}({','.join(sorted(node.parameters))})")
            continue
        result.append(f"{node.kind}[")
        for index, branch in enumerate(node.branches):
            if index:
                result.append("|")
            result.extend(tokens(branch.body))
        result.append("]")
    return result


def count_actions(body: list[Node]) -> int:
    """Entries of the action list that the tree stands for: actions and block markers."""
    return sum(1 if type(node) is Action else 2 + _branch_markers(node) for node, _ in walk(body))


def _branch_markers(node: Node) -> int:
    assert isinstance(node, Block)
    titled = sum(branch.title is not None for branch in node.branches)
    return titled if node.kind == "menu" else len(node.branches) - 1
