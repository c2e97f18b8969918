"""Filling the slots: each takes its first attempt that keeps the rules and repeats no query before it.

What a slot takes follows from the slots before it alone, so that asking for more queries changes none of
those before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workflowbench.expansion.query_rules import Fault
from workflowbench.expansion.similar_queries import QueryIndex, QueryText
from workflowbench.expansion.writing import Draft, Sample


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to fill a slot.

    Attributes:
        id: Id of the query if it is kept.
        sample: What it was written from.
        draft: What was written.
        text: The query as it is compared with others.
        twin: The query of the test split, or of another category, that it nearly repeats, if it does.

    """

    id: str
    sample: Sample
    draft: Draft
    text: QueryText
    twin: "Duplicate | None"

    @property
    def own_fault(self) -> "Fault | Duplicate | None":
        """What is wrong with it whatever the other slots hold."""
        return self.draft.fault or self.twin


@dataclass(frozen=True, slots=True)
class Duplicate:
    """That a query nearly repeats another one: the rule, the other one's id, limit and similarity."""

    rule: str
    twin_id: str
    threshold: float
    observed: float


@dataclass(frozen=True, slots=True)
class Filled:
    """The state of all slots after some attempts.

    Attributes:
        kept: The attempt that each filled slot takes, by the slot's key, in the order of the slots.
        dropped: Every other attempt and why it was not taken; no reason where an earlier one was.

    """

    kept: Mapping[str, Attempt]
    dropped: Sequence[tuple[Attempt, "Fault | Duplicate | None"]]


def fill(slots: Iterable[str], attempts: Mapping[str, Sequence[Attempt]], *, similarity: float) -> Filled:
    """Choose an attempt for each slot.

    Args:
        slots: Keys of the slots, in order.
        attempts: What was attempted for each of them so far, in order.
        similarity: Jaccard similarity from which two queries are near duplicates.

    """
    index = QueryIndex(at_least=similarity)
    kept: dict[str, Attempt] = {}
    dropped: list[tuple[Attempt, Fault | Duplicate | None]] = []
    for key in slots:
        for attempt in attempts[key]:
            if key in kept:
                dropped.append((attempt, None))
                continue
            fault = attempt.own_fault or duplicate_in(index, attempt.text, "near_duplicate", similarity)
            if fault:
                dropped.append((attempt, fault))
            else:
                kept[key] = attempt
                index.add(attempt.id, attempt.text)
    return Filled(kept, dropped)


def duplicate_in(index: QueryIndex, query: QueryText, rule: str, similarity: float) -> Duplicate | None:
    """Return which query of an index another one nearly repeats, under a rule, or None."""
    twin = index.twin_of(query)
    return Duplicate(rule, twin.id, similarity, twin.similarity) if twin else None
