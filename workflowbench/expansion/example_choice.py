"""In-context examples of query expansion: collected workflows with and without branches and loops."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from workflowbench.expansion.draws import generator
from workflowbench.expansion.sampling import Slot

Logic = Literal["flat", "branches", "loops"]
"""What stands in a workflow: neither branch nor loop, branches but no loop, or loops."""
LOGICS: tuple[Logic, ...] = ("flat", "branches", "loops")

_CANDIDATES = 8
_SAME_CATEGORY = 2


@dataclass(frozen=True, slots=True)
class Example:
    """A collected workflow as a model sees it: its id, category, query and APIs."""

    workflow_id: str
    category: str
    query: str
    apis: frozenset[str]


class ExamplePool:
    """The seeds that may be shown, by the logic that they hold.

    Args:
        seeds: Rows of `seed_workflows` that training may use; the caller keeps test workflows out.

    """

    def __init__(self, seeds: pl.DataFrame) -> None:
        self._by_logic: dict[Logic, list[Example]] = {logic: [] for logic in LOGICS}
        for row in seeds.sort("workflow_id").iter_rows(named=True):
            example = Example(row["workflow_id"], row["category"], row["query"], frozenset(row["apis"]))
            self._by_logic[_logic(row["n_conditionals"], row["n_loops"])].append(example)

    def choose(
        self, slot: Slot, attempt: int, apis: Collection[str], wanted: int, *, seed: int
    ) -> list[Example]:
        """Choose examples for a query, the kinds of logic in turn, none twice.

        Each is the best of eight that are drawn at random: the one that shares most APIs with the query, the
        same category counting as two.
        """
        draw = generator(seed, "examples", slot.key, attempt)
        given = frozenset(apis)
        kinds = [examples for examples in self._by_logic.values() if examples]
        chosen: dict[str, Example] = {}
        for number in range(wanted if kinds else 0):
            drawn = _draw(kinds[number % len(kinds)], chosen, draw)
            if drawn:
                best = max(drawn, key=lambda example: _fit(example, given, slot.category))
                chosen[best.workflow_id] = best
        return list(chosen.values())


def _draw(examples: Sequence[Example], chosen: Collection[str], draw: random.Random) -> list[Example]:
    drawn = draw.sample(examples, min(_CANDIDATES + len(chosen), len(examples)))
    return [example for example in drawn if example.workflow_id not in chosen][:_CANDIDATES]


def _fit(example: Example, apis: frozenset[str], category: str) -> int:
    return len(apis & example.apis) + _SAME_CATEGORY * (example.category == category)


def _logic(n_conditionals: int, n_loops: int) -> Logic:
    if n_loops:
        return "loops"
    return "branches" if n_conditionals else "flat"
