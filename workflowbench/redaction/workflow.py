"""Redacts a shortcut: personal data and secrets become typed placeholders, and the program stays valid."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, cast

from workflowbench.redaction.field_names import (
    COMMENT_TEXT,
    COORDINATES,
    PARAMETERS,
    prompt_kind,
    secret_kind,
)
from workflowbench.redaction.inventory import Inventory, holds_credits
from workflowbench.redaction.leaf_redaction import CREDITS, Context, LeafRedactor
from workflowbench.redaction.placeholders import Kind, Placeholders
from workflowbench.redaction.token_strings import is_token_string, move_attachments

_REFERENCE_KEYS = frozenset(
    {
        "Type",
        "WFSerializationType",
        "WFWorkflowActionIdentifier",
        "UUID",
        "OutputUUID",
        "GroupingIdentifier",
        "VariableUUID",
        "OutputName",
        "VariableName",
        "Aggrandizements",
    }
)
"""Keys whose values name something in the program; the parameter that they stand in says nothing of them."""
NO_TEXTS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Redaction:
    """A redacted shortcut.

    Attributes:
        workflow: The property list's root with placeholders; the given object itself if it needs none.
        texts: What is said about the shortcut, with the same placeholders.
        counts: Number of distinct values replaced, by kind (`EMAIL`, `KEY` and so on); no value occurs.
    """

    workflow: dict[str, Any] = field(repr=False)
    texts: dict[str, Any] = field(repr=False)
    counts: dict[str, int]


def redact_workflow(workflow: dict[str, Any], texts: Mapping[str, Any] = NO_TEXTS) -> Redaction:
    """Replace the personal data and secrets of a shortcut by typed placeholders such as `<EMAIL_1>`.

    The same value has the same placeholder everywhere, distinct values have distinct ones. Nothing given is
    changed; parts that hold nothing to redact are shared with the result. Redacting the result again changes
    nothing.

    Args:
        workflow: Root of a shortcut's property list (`ShortcutFile.workflow`).
        texts: Texts, lists of texts and None that are said about it, by name: title, description and so on.
    """
    said = dict(texts)
    inventory = Inventory.of([workflow, *said.values()])
    redactor = LeafRedactor(Placeholders(inventory.placeholders()))
    hides_more = (
        inventory.has_bytes
        or bool(workflow.get("WFWorkflowImportQuestions"))
        or inventory.holds_telling_names()
        or holds_credits(workflow, said)
    )
    seen: set[str] = set()
    while redactor.screen(inventory, seen) or hides_more:
        rewriter = _Rewriter(redactor)
        redacted = rewriter.rewrite(workflow, None)
        retold = {name: rewriter.rewrite(value, CREDITS) for name, value in said.items()}
        if redacted is workflow and not _differ(retold.values(), said.values()):
            break
        workflow, said, seen = redacted, retold, inventory.leaves
        inventory = Inventory.of([workflow, *said.values()])
        hides_more = False
    return Redaction(workflow, said, redactor.placeholders.counts)


class _Rewriter:
    """Rewrites a property list; what holds nothing to redact is returned as the same object."""

    def __init__(self, redactor: LeafRedactor) -> None:
        self._redactor = redactor

    def rewrite(self, value: Any, context: Context | None) -> Any:
        kind = type(value)
        if kind is str:
            return self._redactor.text(value, context)
        if kind is dict:
            return self._mapping(value, context)
        if kind is list:
            items = [self.rewrite(item, context) for item in value]
            return items if _differ(items, value) else value
        if kind is bytes:
            return self._redactor.data(value, context)
        return value

    def _mapping(self, value: dict[str, Any], context: Context | None) -> dict[str, Any]:
        if "attachmentsByRange" in value and is_token_string(value):
            return self._token_string(value, context)
        if context is not None and type(value.get("Type")) is str:
            context = None
        changed: dict[str, tuple[str, Any]] = {}
        for key, item in value.items():
            own = _own_context(key)
            inner = own(value, context) if callable(own) else own or context
            new = self._number(key, item) if type(item) in (int, float) else self.rewrite(item, inner)
            new_key = self._redactor.text(key, None)
            if new is not item or new_key is not key:
                changed[key] = new_key, new
        if not changed:
            return value
        return dict(changed.get(key, (key, item)) for key, item in value.items())

    def _number(self, key: str, item: float) -> float | str:
        """A number, unless it is a coordinate."""
        return self._redactor.placeholders.replace(item, Kind.LOCATION) if key in COORDINATES else item

    def _token_string(self, value: dict[str, Any], context: Context | None) -> dict[str, Any]:
        before = value["string"]
        after = self._redactor.text(before, context)
        ranges = value["attachmentsByRange"]
        attachments = {span: self.rewrite(item, None) for span, item in ranges.items()}
        if after == before and not _differ(attachments.values(), ranges.values()):
            return value
        if after != before:
            attachments = move_attachments(attachments, before, after)
        return {**value, "string": after, "attachmentsByRange": attachments}


def _differ(new: Any, old: Any) -> bool:
    return any(one is not other for one, other in zip(new, old, strict=True))


FromSiblings = Callable[[Mapping[str, Any], Context | None], Context | None]
"""The context of a value by the values beside it and by the context of all."""


def _nothing(_siblings: Mapping[str, Any], _context: Context | None) -> None:
    return None


def _of_dictionary_key(siblings: Mapping[str, Any], context: Context | None) -> Context | None:
    return _named(_plain_text(siblings["WFKey"])) if "WFKey" in siblings else context


def _of_question(siblings: Mapping[str, Any], context: Context | None) -> Context | None:
    if "ParameterKey" not in siblings:
        return context
    return _of_parameter(siblings["ParameterKey"]) or _of_prompt(siblings.get("Text"))


def _of_output_name(siblings: Mapping[str, Any], _context: Context | None) -> Context | None:
    return _named(siblings.get("CustomOutputName"))


_BY_SIBLINGS: Mapping[str, FromSiblings] = {
    **dict.fromkeys(_REFERENCE_KEYS, _nothing),
    "WFValue": _of_dictionary_key,
    "DefaultValue": _of_question,
    "WFTextActionText": _of_output_name,
}


@lru_cache(maxsize=1 << 16)
def _own_context(key: str) -> Context | FromSiblings | None:
    """What a key says about its value, None if it leaves that to what it stands in."""
    if key == COMMENT_TEXT:
        return CREDITS
    return _BY_SIBLINGS.get(key) or _of_parameter(key) or _named(key)


def _of_parameter(key: object) -> Context | None:
    kind = PARAMETERS.get(key) if type(key) is str else None
    return None if kind is None else Context(kind)


def _of_prompt(text: object) -> Context | None:
    kind = prompt_kind(text) if type(text) is str else None
    return None if kind is None else Context(kind, kind.value)


def _named(name: object) -> Context | None:
    kind = secret_kind(name) if type(name) is str else None
    return None if kind is None else Context(kind, cast(str, name))


def _plain_text(value: Any) -> object:
    """The text of a dictionary key, which may be a token string."""
    if type(value) is dict and type(value.get("Value")) is dict:
        return value["Value"].get("string")
    return value
