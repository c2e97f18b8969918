"""What a shortcut holds: one walk over its property list before anything is redacted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from workflowbench.redaction.credits import comment_text, credited_names
from workflowbench.redaction.field_names import is_telling
from workflowbench.redaction.pictures import is_harmless
from workflowbench.redaction.placeholders import PLACEHOLDER


@dataclass(frozen=True, slots=True)
class Inventory:
    """The leaves of a shortcut.

    Attributes:
        leaves: Every text, keys of dictionaries included.
        has_bytes: True if there are bytes in which something may hide.
    """

    leaves: set[str]
    has_bytes: bool

    @classmethod
    def of(cls, roots: Iterable[object]) -> "Inventory":
        """Walk over property lists and texts."""
        leaves = set[str]()
        has_bytes = False
        stack: list[Any] = list(roots)
        while stack:
            top = stack.pop()
            kind = type(top)
            if kind is str:
                leaves.add(top)
            elif kind is dict:
                leaves.update(top)
                stack.extend(top.values())
            elif kind is list:
                stack.extend(top)
            elif kind is bytes and not has_bytes:
                has_bytes = not is_harmless(top)
        return cls(leaves, has_bytes)

    def placeholders(self) -> set[str]:
        """The placeholders that the leaves hold already."""
        return {match[0] for leaf in self.leaves if "<" in leaf for match in PLACEHOLDER.finditer(leaf)}

    def holds_telling_names(self) -> bool:
        """True if the name of some value may say that it is personal or secret."""
        return any(map(is_telling, self.leaves))


def holds_credits(workflow: dict[str, Any], said: Mapping[str, Any]) -> bool:
    """True if a comment, or what is said about a shortcut, names its authors."""
    actions = workflow.get("WFWorkflowActions", [])
    comments = (comment_text(action.get("WFWorkflowActionParameters") or {}) for action in actions)
    texts = (text for text in said.values() if type(text) is str)
    return any(any(credited_names(text)) for text in chain(comments, texts))
