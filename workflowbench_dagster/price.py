"""Says what the models of all stages would cost, and asks none: `python -m workflowbench_dagster.price`."""

import argparse
import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from rich.console import Console, Group, RenderableType
from rich.table import Table as Grid

from workflowbench_dagster.homes import DEFAULT_DIRECTORY, HomeError, enter, home_for, locked
from workflowbench_dagster.jobs.rebuild import ALL_CATEGORIES
from workflowbench_dagster.partitions import SYNTHETIC, all_scrapes
from workflowbench_dagster.resources.storage import StorageError

ANNOTATED = "annotated_workflows"
_COUNTS = ("questions", "replayed", "requests", "prompt_tokens", "completion_tokens")
_MONEY = ("cost", "cost_most")
_HEADS = ("questions", "in the ledger", "requests", "tokens", "tokens of answers", "cost, about", "at most")

Figures = Mapping[str, Any]


def main() -> None:
    """Price every stage on the tables that an earlier rebuild made, and print the figures."""
    options = _parse(sys.argv[1:])
    home = home_for(options.home, options.shortcuts)
    if not home.dagster.exists():
        sys.exit(
            f"error: nothing was built from {home.shortcuts} yet. Run `make demo` first, without a model."
        )
    try:
        enter(home)
        with locked(home), dg.DagsterInstance.from_config(str(home.dagster)) as instance:
            # The definitions read the environment of this home when they are imported.
            from workflowbench_dagster.definitions import defs

            Console(soft_wrap=True, markup=False).print(report(list(prices(instance, defs))))
    except (HomeError, StorageError) as error:
        sys.exit(f"error: {error}")


def prices(instance: dg.DagsterInstance, defs: dg.Definitions) -> Iterator[Figures]:
    """Run each stage dry, and yield what it says of each of its models."""
    for scrape in all_scrapes(instance):
        yield from _dry_run(instance, defs, ANNOTATED, partition_key=scrape)
    for name in SYNTHETIC:
        yield from _dry_run(instance, defs, name, tags=ALL_CATEGORIES)


def _dry_run(instance: dg.DagsterInstance, defs: dg.Definitions, name: str, **run: Any) -> Iterator[Figures]:
    result = defs.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance,
        asset_selection=[dg.AssetKey(name), dg.AssetKey(f"{name}_dropped")],
        run_config={"ops": {name: {"config": {"dry_run": True}}}, "loggers": {"progress": {}}},
        **run,
    )
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.ASSET_OBSERVATION:
            metadata = event.asset_observation_data.asset_observation.metadata
            yield {key: value.value for key, value in metadata.items()}


def report(found: Sequence[Figures]) -> RenderableType:
    """Return the prices of the stages as a table, with their sum."""
    if not found:
        return "No stage asks a model: all work by rules, offline. Set WORKFLOWBENCH_MODEL to change that."
    totals = {stage: Counter[str]() for stage in [*(figures["stage"] for figures in found), "all"]}
    for figures in found:
        amounts = {name: figures.get(name, math.nan) for name in (*_COUNTS, *_MONEY)}
        for stage in (figures["stage"], "all"):
            totals[stage].update(amounts)
    grid = Grid("stage", *_HEADS, box=None, pad_edge=False)
    for stage, total in totals.items():
        counts = [f"{total[name]:,}" for name in _COUNTS]
        grid.add_row(stage, *counts, *(_money(total[name]) for name in _MONEY))
    first = found[0]
    note = f"Prices of {first['price_version']} in {first['currency']}. Repeated questions are not foreseen."
    return Group(grid, "", note)


def _money(amount: float) -> str:
    return "unknown" if math.isnan(amount) else f"{amount:,.2f}"


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workflowbench_dagster.price", description=__doc__)
    parser.add_argument("--shortcuts", type=Path, default=Path("examples"), help="folder of shortcuts")
    parser.add_argument("--home", type=Path, default=DEFAULT_DIRECTORY, help="folder of the homes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
