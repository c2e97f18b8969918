"""The funnel: how many samples each rule found at fault and dropped, per annotator and category."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

from workflowbench.quality.candidates import Candidate
from workflowbench.quality.findings import RULES, Stage

NOTHING_FOUND, SKIPPED = "none", "skipped"
"""Rule of a stage in which no rule found anything, and of one that no model was there for."""


def funnel_rows(candidates: Iterable[Candidate], *, has_models: bool) -> Iterator[dict[str, Any]]:
    """Yield the rows of `quality_funnel`.

    Args:
        candidates: Samples at the end of all stages.
        has_models: Whether there was a refiner or a judge.

    """
    groups: defaultdict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        groups[candidate.row["annotator"], candidate.row["category"]].append(candidate)
    for (annotator, category), members in sorted(groups.items()):
        for step, row in enumerate(_group_rows(members, has_models), start=1):
            yield {"annotator": annotator, "category": category, "step": step, **row}


def _group_rows(members: Sequence[Candidate], has_models: bool) -> Iterator[dict[str, Any]]:
    found = Counter(rule for candidate in members for rule in candidate.found)
    dropped = Counter(candidate.error.rule for candidate in members if candidate.error)
    left = len(members)
    for stage in get_args(Stage):
        rules = [rule for rule in RULES if RULES[rule].stage == stage and found[rule]]
        if not rules:
            rules = [SKIPPED if stage == "semantic" and not has_models else NOTHING_FOUND]
        for rule in rules:
            yield {
                "stage": stage,
                "rule": rule,
                "n_in": left,
                "n_found": found[rule],
                "n_dropped": dropped[rule],
                "n_out": left - dropped[rule],
            }
            left -= dropped[rule]
