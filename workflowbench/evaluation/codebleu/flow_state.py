"""Where the values of names come from at a point of a program, for all visits to the point at once."""

from dataclasses import dataclass, field
from typing import Final

UNDEFINED: Final = -1
PASSED: Final = -2
Origins = frozenset[int]
"""Tokens that a value may come from on some visit; `UNDEFINED` stands for a visit without a value."""
ABSENT: Origins = frozenset({UNDEFINED})
"""The origins of a name that nothing has defined."""


@dataclass(slots=True)
class State:
    """Origins of names, what has changed here above what holds outside.

    Attributes:
        outer: The state that this one began from.
        default: The origins of a name that no state holds.
        own: What has changed since.

    """

    outer: "State | None" = None
    default: Origins = ABSENT
    own: dict[str, Origins] = field(default_factory=dict)

    def get(self, name: str) -> Origins:
        """The origins of a name."""
        state = self
        while (value := state.own.get(name)) is None:
            if state.outer is None:
                return state.default
            state = state.outer
        return value


@dataclass(frozen=True, slots=True)
class Effect:
    """What a piece of program makes of the origins of one name.

    Attributes:
        when_undefined: The origins after it if the name was undefined.
        when_defined: The origins after it if not, with `PASSED` for those before.

    """

    when_undefined: Origins
    when_defined: Origins

    def __call__(self, before: Origins) -> Origins:
        """The origins after it, for all visits at once: it takes unions only."""
        after: Origins = frozenset()
        if UNDEFINED in before:
            after |= self.when_undefined
            before -= ABSENT
        if before:
            after |= self.when_defined - {PASSED}
            if PASSED in self.when_defined:
                after |= before
        return after
