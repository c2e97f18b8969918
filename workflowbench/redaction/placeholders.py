"""Typed placeholders such as `<EMAIL_1>`: what stands in a shortcut instead of personal data and secrets."""

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

PLACEHOLDER = re.compile(r"<([A-Z]+)_([1-9]\d*)>")


class Kind(StrEnum):
    """What a redacted value was."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"
    KEY = "KEY"
    PASSWORD = "PASSWORD"  # noqa: S105
    USER = "USER"
    HOST = "HOST"
    IP = "IP"
    PERSON = "PERSON"
    ADDRESS = "ADDRESS"
    LOCATION = "LOCATION"
    DATA = "DATA"
    """Bytes that hold personal data and cannot be edited, replaced as a whole."""


class Placeholders:
    """Hands out the placeholders of one shortcut: one for each distinct value, in order of first sight.

    Args:
        taken: Placeholders that the shortcut holds already; they are never handed out.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._by_value: dict[str | bytes | float, str] = {}
        self._last: Counter[Kind] = Counter()
        self._made: Counter[Kind] = Counter()

    def replace(self, value: str | bytes | float, kind: Kind) -> str:
        """The placeholder of a value; a value seen before keeps the kind that it had then."""
        if value not in self._by_value:
            self._by_value[value] = self._next(kind)
            self._made[kind] += 1
        return self._by_value[value]

    @property
    def counts(self) -> dict[str, int]:
        """Number of distinct values replaced, by kind, in alphabetical order."""
        return {kind.value: self._made[kind] for kind in sorted(self._made)}

    def texts(self, shortest: int) -> list[str]:
        """The replaced texts of at least so many characters that are no plain word."""
        return [
            value
            for value in self._by_value
            if isinstance(value, str) and len(value) >= shortest and not value.isalpha()
        ]

    def _next(self, kind: Kind) -> str:
        while True:
            self._last[kind] += 1
            made = f"<{kind}_{self._last[kind]}>"
            if made not in self._taken:
                return made
