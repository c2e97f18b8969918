"""The references within parameter values: listed, and replaced."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from workflowbench.shortcuts.tree import Action, Node
from workflowbench.shortcuts.values import Array, Attachment, Field, Fields, OutputId, Serialized, Text


def references_of(node: Node) -> Iterator[Attachment]:
    """Yield every reference that a node holds, its branches left out but for their titles."""
    yield from references_in(node.parameters)
    if not isinstance(node, Action):
        for condition in node.conditions:
            yield from references_in([condition.input, condition.operands])
        yield from references_in([branch.title for branch in node.branches])


def references_in(value: Any) -> Iterator[Attachment]:
    """Yield every reference within a value, those in the steps of a reference included."""
    match value:
        case Attachment():
            yield value
            for step in value.steps:
                yield from references_in(step)
        case OutputId():
            yield Attachment("ActionOutput", value.uuid)
        case Text(parts=parts) | Array(items=parts):
            for part in parts:
                yield from references_in(part)
        case list():
            for part in value:
                yield from references_in(part)
        case dict():
            for part in value.values():
                yield from references_in(part)
        case Fields(items=items):
            for key, field in items:
                yield from references_in(key)
                yield from references_in(field)
        case Field(value=inner) | Serialized(value=inner):
            yield from references_in(inner)


def with_references(value: Any, replaced: Callable[[Attachment], Attachment]) -> Any:
    """Return a value with every reference replaced; the steps of a reference are left to `replaced`."""
    match value:
        case Attachment():
            return replaced(value)
        case OutputId(uuid=uuid):
            found = replaced(Attachment("ActionOutput", uuid))
            return OutputId(found.key or "") if found.kind == "ActionOutput" else found
        case Text(parts=parts):
            return Text(tuple(with_references(part, replaced) for part in parts))
        case list():
            return [with_references(part, replaced) for part in value]
        case dict():
            return {key: with_references(part, replaced) for key, part in value.items()}
        case Fields(items=items):
            return Fields(
                tuple((with_references(k, replaced), with_references(v, replaced)) for k, v in items)
            )
        case Array(items=fields):
            return Array(tuple(with_references(field, replaced) for field in fields))
        case Field() | Serialized():
            return replace(value, value=with_references(value.value, replaced))
        case _:
            return value
