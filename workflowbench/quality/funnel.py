"""The funnel: how many samples each rule found at fault and dropped, per annotator and category."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, get_args

from workflowbench.quality.candidates import Candidate
from workflowbench.quality.findings import RULES, Stage

NOTHING_FOUND, SKIPPED = "none", "skipped"
"""Rule of a stage in which no rule found anything, and of one that no model was there for."""


@dataclass(slots=True)
class _Group:
    n: int = 0
    found: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)


class Funnel:
    """Counts what the rules found and dropped.

    Args:
        has_models: Whether there is a refiner or a judge.

    """

    def __init__(self, *, has_models: bool) -> None:
        self._has_models = has_models
        self._groups: defaultdict[tuple[str, str], _Group] = defaultdict(_Group)

    def add(self, candidates: Iterable[Candidate]) -> None:
        """Count samples that are at the end of all stages."""
        for candidate in candidates:
            group = self._groups[candidate.row["annotator"], candidate.row["category"]]
            group.n += 1
            group.found.update(candidate.found)
            if candidate.error is not None:
                group.dropped[candidate.error.rule] += 1

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of `quality_funnel` by annotator, category and rule."""
        for (annotator, category), group in sorted(self._groups.items()):
            for step, row in enumerate(self._steps(group), start=1):
                yield {"annotator": annotator, "category": category, "step": step, **row}

    def _steps(self, group: _Group) -> Iterator[dict[str, Any]]:
        left = group.n
        for stage in get_args(Stage):
            rules = [rule for rule in RULES if RULES[rule].stage == stage and group.found[rule]]
            if not rules:
                rules = [SKIPPED if stage == "semantic" and not self._has_models else NOTHING_FOUND]
            for rule in rules:
                yield {
                    "stage": stage,
                    "rule": rule,
                    "n_in": left,
                    "n_found": group.found[rule],
                    "n_dropped": group.dropped[rule],
                    "n_out": left - group.dropped[rule],
                }
                left -= group.dropped[rule]
