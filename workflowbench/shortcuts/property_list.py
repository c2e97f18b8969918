"""Writes an action tree as the property list of an unsigned shortcut."""

import plistlib
import uuid
from typing import Any

from workflowbench.catalogue.flow import output_name
from workflowbench.shortcuts.canonical import workflow_id
from workflowbench.shortcuts.conditions import write_conditions
from workflowbench.shortcuts.tree import BLOCK_IDENTIFIERS, Action, Block, Node, Tree
from workflowbench.shortcuts.value_writing import ValueWriter
from workflowbench.shortcuts.values import Attachment, Text

_NAMESPACE = uuid.UUID("6f0d1a52-6e0f-5c2c-9f0e-6d1f8f1f7b10")
_INPUT_CLASSES = [
    "WFAppStoreAppContentItem",
    "WFArticleContentItem",
    "WFContactContentItem",
    "WFDateContentItem",
    "WFEmailAddressContentItem",
    "WFGenericFileContentItem",
    "WFImageContentItem",
    "WFLocationContentItem",
    "WFPDFContentItem",
    "WFPhoneNumberContentItem",
    "WFRichTextContentItem",
    "WFStringContentItem",
    "WFURLContentItem",
]
_CLIENT_VERSION = 900


def write_shortcut(tree: Tree) -> bytes:
    """The bytes of an unsigned `.shortcut` file: a binary property list.

    UUIDs are derived from the workflow's id, so the same tree always gives the same bytes.
    """
    return plistlib.dumps(write_workflow(tree), fmt=plistlib.FMT_BINARY)


def write_workflow(tree: Tree) -> dict[str, Any]:
    """The root of a shortcut's property list."""
    return {
        "WFWorkflowActions": _ActionWriter(tree).actions(),
        "WFWorkflowClientVersion": str(_CLIENT_VERSION),
        "WFWorkflowIcon": {"WFWorkflowIconGlyphNumber": 59511, "WFWorkflowIconStartColor": 463140863},
        "WFWorkflowImportQuestions": [],
        "WFWorkflowInputContentItemClasses": _INPUT_CLASSES,
        "WFWorkflowMinimumClientVersion": _CLIENT_VERSION,
        "WFWorkflowMinimumClientVersionString": str(_CLIENT_VERSION),
        "WFWorkflowTypes": [],
    }


class _ActionWriter:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._id = workflow_id(tree)
        self._values = ValueWriter(self._uuid, _label)
        self._groups = 0

    def actions(self) -> list[dict[str, Any]]:
        return self._body(self._tree.body)

    def _uuid(self, key: str) -> str:
        return str(uuid.uuid5(_NAMESPACE, f"{self._id} {key}")).upper()

    def _body(self, body: list[Node]) -> list[dict[str, Any]]:
        actions: list[dict[str, Any]] = []
        for node in body:
            if isinstance(node, Action):
                actions.append(self._action(node.identifier, self._values.write(node.parameters), node))
            else:
                actions.extend(self._block(node))
        return actions

    def _action(
        self, identifier: str, parameters: dict[str, Any], node: Node | None = None
    ) -> dict[str, Any]:
        if node is not None and node.uuid is not None and node.uuid in self._tree.referenced:
            parameters["UUID"] = self._uuid(node.uuid)
            if (label := _label(node.uuid)) != output_name(identifier):
                parameters["CustomOutputName"] = label
        return {"WFWorkflowActionIdentifier": identifier, "WFWorkflowActionParameters": parameters}

    def _block(self, block: Block) -> list[dict[str, Any]]:
        identifier = BLOCK_IDENTIFIERS[block.kind]
        self._groups += 1
        group = self._uuid(f"group {self._groups}")

        def marker(mode: int, parameters: dict[str, Any], node: Node | None = None) -> dict[str, Any]:
            parameters |= {"GroupingIdentifier": group, "WFControlFlowMode": mode}
            return self._action(identifier, parameters, node)

        actions = [marker(0, self._start(block))]
        for index, branch in enumerate(block.branches):
            if block.kind == "menu":
                actions.append(marker(1, {} if branch.title is None else self._title(branch.title)))
            elif index:
                actions.append(marker(1, {}))
            actions.extend(self._body(branch.body))
        return [*actions, marker(2, {}, block)]

    def _start(self, block: Block) -> dict[str, Any]:
        if block.kind != "if":
            return dict(self._values.write(block.parameters))
        conditions = write_conditions(block.conditions, block.match_any)
        written: dict[str, Any] = self._values.write({**conditions, **block.parameters})
        for condition, stored in zip(block.conditions, _stored_conditions(written), strict=True):
            if type(condition.input) is Attachment:
                stored["WFInput"] = {"Type": "Variable", "Variable": stored["WFInput"]}
        return written

    def _title(self, title: Any) -> dict[str, Any]:
        if type(title) is not Text:
            return {"WFMenuItemTitle": self._values.write(title)}
        plain = "".join(part for part in title.parts if not isinstance(part, Attachment))
        return {"WFMenuItemTitle": plain, "WFMenuItemAttributedTitle": self._values.write(title)["Value"]}


def _stored_conditions(parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """The dictionaries that hold a condition each: the parameters themselves, or the table's templates."""
    if "WFCondition" not in parameters:
        table = parameters["WFConditions"]
        return list(table["Value"]["WFActionParameterFilterTemplates"])
    return [parameters]


def _label(key: str) -> str:
    """Label of an output: its Python name with blanks."""
    return key.replace("_", " ")
