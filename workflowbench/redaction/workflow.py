"""Redacts a shortcut: personal data and secrets become typed placeholders, and the program stays valid."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from workflowbench.redaction.field_names import COORDINATES, PARAMETERS, prompt_kind, secret_kind
from workflowbench.redaction.leaf_redaction import Context, LeafRedactor, is_harmless
from workflowbench.redaction.placeholders import PLACEHOLDER, Kind, Placeholders
from workflowbench.redaction.token_strings import is_token_string, move_attachments

_FIXED_KEYS = frozenset({"Type", "WFSerializationType", "WFWorkflowActionIdentifier"})
"""Keys whose values say what something is, and are never changed."""
_REFERENCE_KEYS = frozenset(
    {
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
_MAX_NAME_CHARS = 40


@dataclass(frozen=True, slots=True)
class Redaction:
    """A redacted shortcut.

    Attributes:
        workflow: The property list's root with placeholders; the given object itself if it needs none.
        counts: Number of distinct values replaced, by kind (`EMAIL`, `KEY` and so on); no value occurs.
    """

    workflow: dict[str, Any] = field(repr=False)
    counts: dict[str, int]


def redact_workflow(workflow: dict[str, Any]) -> Redaction:
    """Replace the personal data and secrets of a shortcut by typed placeholders such as `<EMAIL_1>`.

    The same value has the same placeholder everywhere, distinct values have distinct ones. The given
    workflow is not changed; parts that hold nothing to redact are shared with the result. Redacting the
    result again changes nothing.

    Args:
        workflow: Root of a shortcut's property list (`ShortcutFile.workflow`).
    """
    leaves = set(_texts(workflow))
    placeholders = Placeholders(
        match[0] for leaf in leaves if "<" in leaf for match in PLACEHOLDER.finditer(leaf)
    )
    while True:
        redacted = _redact_once(workflow, leaves, placeholders)
        if redacted is workflow:
            return Redaction(workflow, placeholders.counts)
        workflow = redacted
        leaves = set(_texts(workflow))


def _redact_once(workflow: dict[str, Any], leaves: set[str], placeholders: Placeholders) -> dict[str, Any]:
    redactor = LeafRedactor(leaves, placeholders)
    questions = workflow.get("WFWorkflowImportQuestions")
    if not (
        redactor.has_suspects or questions or any(map(_is_telling, leaves)) or _has_suspicious_bytes(workflow)
    ):
        return workflow
    return cast(dict[str, Any], _Rewriter(redactor).rewrite(workflow, None))


def _is_telling(leaf: str) -> bool:
    """True for a name after which everything must be looked at."""
    if len(leaf) > _MAX_NAME_CHARS:
        return False
    return leaf in PARAMETERS or leaf in COORDINATES or secret_kind(leaf) is not None


def _texts(value: object) -> Iterator[str]:
    """Every text of a property list, keys of dictionaries included."""
    stack = [value]
    while stack:
        top = stack.pop()
        if type(top) is str:
            yield top
        elif type(top) is dict:
            yield from top
            stack.extend(top.values())
        elif type(top) is list:
            stack.extend(top)


def _has_suspicious_bytes(value: object) -> bool:
    stack = [value]
    while stack:
        top = stack.pop()
        if type(top) is dict:
            stack.extend(top.values())
        elif type(top) is list:
            stack.extend(top)
        elif type(top) is bytes and not is_harmless(top):
            return True
    return False


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
        if is_token_string(value):
            return self._token_string(value, context)
        if type(value.get("Type")) is str:
            context = None
        text = self._redactor.text
        rewritten = {text(key, None): self._entry(key, item, value, context) for key, item in value.items()}
        unchanged = rewritten.keys() == value.keys() and not _differ(rewritten.values(), value.values())
        return value if unchanged else rewritten

    def _entry(self, key: str, item: Any, siblings: Mapping[str, Any], context: Context | None) -> Any:
        if key in _FIXED_KEYS:
            return item
        if key in COORDINATES and type(item) in (int, float):
            return self._redactor.placeholders.replace(item, Kind.LOCATION)
        return self.rewrite(item, _context_of(key, siblings, context))

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


def _context_of(key: str, siblings: Mapping[str, Any], context: Context | None) -> Context | None:
    """What the surroundings of a value say about it."""
    if key in _REFERENCE_KEYS:
        return None
    if key == "WFValue" and "WFKey" in siblings:
        return _named(_plain_text(siblings["WFKey"]))
    if key == "DefaultValue" and "ParameterKey" in siblings:
        return _of_parameter(siblings["ParameterKey"]) or _of_prompt(siblings.get("Text"))
    if key == "WFTextActionText":
        return _named(siblings.get("CustomOutputName"))
    return _of_parameter(key) or _named(key) or context


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
