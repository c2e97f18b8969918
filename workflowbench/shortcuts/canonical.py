"""The canonical form of an action tree, and the workflow id that is its hash.

Two trees have the same canonical form if they mean the same workflow. What it ignores is listed in
docs/canonical-form.md. Outputs are numbered in the order in which they are first seen.
"""

import base64
import datetime
import hashlib
import json
import plistlib
from typing import Any

import orjson

from workflowbench.shortcuts.conditions import Condition
from workflowbench.shortcuts.tree import Action, Node, Tree
from workflowbench.shortcuts.values import Array, Attachment, Field, Fields, OutputId, Serialized, Text


def workflow_id(tree: Tree) -> str:
    """Hash of the canonical form: the first 32 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(canonical_bytes(tree)).hexdigest()[:32]


def canonical_bytes(tree: Tree) -> bytes:
    """The canonical form as JSON with sorted keys.

    Text that is no valid Unicode and integers beyond 64 bits are left to the standard library's encoder,
    which writes pure ASCII.
    """
    form = _Canonical(tree.referenced).body(tree.body)
    try:
        return orjson.dumps(form, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps(form, sort_keys=True, separators=(",", ":")).encode("ascii")


class _Canonical:
    """Builds JSON values; a tagged object has a key `$`, a plain dictionary never does."""

    def __init__(self, referenced: set[str]) -> None:
        self._referenced = referenced
        self._numbers: dict[str, int] = {}

    def body(self, body: list[Node]) -> list[Any]:
        return [self._action(node) if type(node) is Action else self._block(node) for node in body]

    def _number(self, uuid: str) -> int:
        return self._numbers.setdefault(uuid, len(self._numbers))

    def _output(self, uuid: str | None) -> int | None:
        return self._number(uuid) if uuid is not None and uuid in self._referenced else None

    def _action(self, node: Action) -> list[Any]:
        return [node.identifier, self._dict(node.parameters), self._output(node.uuid)]

    def _block(self, node: Any) -> list[Any]:
        return [
            node.kind,
            self._dict(node.parameters),
            "any" if node.match_any else "all",
            [self._condition(condition) for condition in node.conditions],
            [[self._value(branch.title), self.body(branch.body)] for branch in node.branches],
            self._output(node.uuid),
        ]

    def _condition(self, condition: Condition) -> list[Any]:
        return [self._value(condition.input), condition.code, self._dict(condition.operands)]

    def _dict(self, value: dict[str, Any]) -> dict[str, Any]:
        form = {}
        for key in sorted(value):
            item = value[key]
            form[key] = item if type(item) in (str, bool) else self._value(item)
        return {"$": "dict", "of": form} if "$" in form else form

    def _value(self, value: Any) -> Any:
        writer = _WRITERS.get(type(value))
        return value if writer is None else writer(self, value)

    def _attachment(self, value: Attachment) -> dict[str, Any]:
        form: dict[str, Any] = {"$": value.kind}
        if value.kind == "ActionOutput":
            form["key"] = self._number(value.key or "")
        elif value.key is not None:
            form["key"] = value.key
        if value.steps:
            form["steps"] = [self._dict(step) for step in value.steps]
        return form

    def _text(self, value: Text) -> dict[str, Any]:
        return {"$": "text", "of": [p if type(p) is str else self._value(p) for p in value.parts]}

    def _fields(self, value: Fields) -> dict[str, Any]:
        return {"$": "fields", "of": [[self._value(key), self._value(item)] for key, item in value.items]}

    def _array(self, value: Array) -> dict[str, Any]:
        return {"$": "array", "of": [self._value(item) for item in value.items]}

    def _field(self, value: Field) -> dict[str, Any]:
        return {"$": "field", "kind": value.kind, "of": self._value(value.value)}

    def _serialized(self, value: Serialized) -> dict[str, Any]:
        return {"$": "state", "type": value.type, "of": self._value(value.value)}

    def _output_id(self, value: OutputId) -> dict[str, Any]:
        return {"$": "output id", "key": self._number(value.uuid)}

    def _list(self, value: list[Any]) -> list[Any]:
        return [self._value(item) for item in value]

    def _float(self, value: float) -> Any:
        return value if value - value == 0 else {"$": "float", "of": repr(value)}

    def _bytes(self, value: bytes) -> dict[str, Any]:
        return {"$": "bytes", "of": base64.b64encode(value).decode("ascii")}

    def _date(self, value: datetime.datetime) -> dict[str, Any]:
        return {"$": "date", "of": value.isoformat()}

    def _uid(self, value: plistlib.UID) -> dict[str, Any]:
        return {"$": "uid", "of": value.data}


_WRITERS: dict[type, Any] = {
    dict: _Canonical._dict,
    list: _Canonical._list,
    float: _Canonical._float,
    bytes: _Canonical._bytes,
    datetime.datetime: _Canonical._date,
    plistlib.UID: _Canonical._uid,
    Attachment: _Canonical._attachment,
    Text: _Canonical._text,
    Fields: _Canonical._fields,
    Array: _Canonical._array,
    Field: _Canonical._field,
    Serialized: _Canonical._serialized,
    OutputId: _Canonical._output_id,
}
