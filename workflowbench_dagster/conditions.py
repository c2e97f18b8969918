"""Automation: what makes a stage run by itself when its inputs change.

Only stages that cost nothing but the time of this machine have a condition. What spends money or needs a GPU
has none and stays a person's decision.
"""

from functools import reduce
from operator import or_
from typing import Any

import dagster as dg
from dagster import AutomationCondition as Condition

from workflowbench_dagster.partitions import SCRAPED, SYNTHETIC

SYNTHESISED = (*SYNTHETIC, *(f"{name}_dropped" for name in SYNTHETIC))
"""Tables with a partition per category."""

DECIDED_BY_PEOPLE = (*SYNTHESISED, "annotator", "workflowllama")
"""Assets whose stages a person starts: nothing waits for one that was never made, or is being made."""


def on_change() -> Condition[Any]:
    """Run when the data of an input changed or this was never made; a failure is tried once more.

    A partition runs for itself alone. Inputs whose blocking checks did not pass hold everything back.
    """
    missing = Condition.any_deps_match(Condition.missing() & ~Condition.will_be_requested())
    under_way = Condition.any_deps_match(Condition.in_progress())
    people = dg.AssetSelection.assets(*DECIDED_BY_PEOPLE)
    return (
        _due().since(Condition.newly_requested() | Condition.newly_updated())
        & ~missing.ignore(people)
        & ~under_way.ignore(people)
        & ~Condition.in_progress()
        & _checks_passed()
    ).with_label("on_change")


def on_change_of_all() -> Condition[Any]:
    """Like `on_change`, for a table without partitions: made once, after every scrape was carried so far."""
    waits = Condition.missing() | Condition.in_progress() | Condition.will_be_requested()
    a_scrape_waits = reduce(or_, (Condition.asset_matches(name, waits) for name in SCRAPED))
    return (on_change() & ~a_scrape_waits).with_label("on_change_of_all")


def _due() -> Condition[Any]:
    changed = Condition.any_deps_match(Condition.data_version_changed() | Condition.will_be_requested())
    never_made = Condition.newly_missing() | (Condition.missing() & Condition.initial_evaluation())
    return changed | never_made | Condition.execution_failed().newly_true()


def _checks_passed() -> Condition[Any]:
    """The blocking checks of every input passed; those of an input in the same run hold the run back.

    What was never made has nothing to check; only what people decide on can be missing here.
    """
    passed = Condition.all_checks_match(Condition.check_passed(), blocking_only=True)
    waits = Condition.will_be_requested() | Condition.missing()
    return Condition.all_deps_match(passed | waits).with_label("checks_passed")
