"""The results that a statement may refer to, and which of them fits a parameter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from workflowbench.catalogue.api import Api
from workflowbench.shortcuts.implicit_inputs import loop_variable
from workflowbench.shortcuts.names import is_loop_variable
from workflowbench.shortcuts.values import Attachment

_KINDS = (
    ("text", ("string", "text", "attributed")),
    ("number", ("number", "integer", "decimal")),
    ("date", ("date",)),
    ("url", ("url",)),
    ("boolean", ("bool",)),
    ("dictionary", ("dictionary",)),
    ("location", ("location", "mapitem", "address")),
    ("contact", ("contact", "person")),
    ("file", ("file", "image", "photo", "phasset", "data", "public.", "avasset", "pdf", "media")),
)
_ANYTHING = frozenset({"any", "wfcontentitem"})

SHORTCUT_INPUT = Attachment("ExtensionInput")
"""What a workflow was started with: the value of last resort."""


def kind_of(type_name: str) -> str:
    """Return the coarse kind of a type by Apple's or the catalogue's name: `NSString` is `text`.

    An app's own type is a kind of its own; a list has the kind of its items.
    """
    name = type_name.lower().removeprefix("array[").removesuffix("]")
    if name in _ANYTHING:
        return "any"
    return next((kind for kind, parts in _KINDS if any(part in name for part in parts)), name)


@dataclass(slots=True)
class Scope:
    """What is defined at a place of a program.

    Attributes:
        outputs: Results of calls with their kinds, oldest first.
        names: Names of all results that may be referred to, those of constructs included.
        variables: Variables that are set, the counters and items of the loops around included.
        loops: Number of loops around.

    """

    outputs: dict[str, frozenset[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    variables: set[str] = field(default_factory=set)
    loops: int = 0

    def inner(self) -> "Scope":
        """Return the scope of a branch: it sees what is defined so far, and what it defines stays inside."""
        return Scope(dict(self.outputs), set(self.names), set(self.variables), self.loops)

    def loop(self, *, over_items: bool) -> "Scope":
        """Return the scope of a loop's body, with the loop's own variables."""
        inner = self.inner()
        inner.loops += 1
        words = ("Repeat Index", "Repeat Item") if over_items else ("Repeat Index",)
        inner.variables.update(loop_variable(word, inner.loops) for word in words)
        return inner

    def join(self, branches: Sequence["Scope"]) -> None:
        """Add what every one of some branches defines, of which one is taken in any case."""
        self.names |= set.intersection(*(branch.names for branch in branches))
        set_everywhere = set.intersection(*(branch.variables for branch in branches))
        self.variables |= {name for name in set_everywhere if not is_loop_variable(name)}

    def define(self, name: str, api: Api | None) -> None:
        """Add a result; one of a documented API may be handed on to later calls."""
        self.names.add(name)
        if api is not None:
            self.outputs[name] = frozenset(map(kind_of, api.output_types)) or frozenset({"any"})

    def latest(self, accepted: Iterable[str] = ("any",)) -> Attachment | None:
        """Return the newest result of an accepted kind, or None; text and anything take every kind."""
        wanted = frozenset(accepted)
        for name, kinds in reversed(self.outputs.items()):
            if kinds & wanted or wanted & {"any", "text"}:
                return Attachment("ActionOutput", name)
        return None
