"""Rebuilds the dataset from a folder: `python -m workflowbench_dagster.demo --shortcuts FOLDER`."""

import argparse
import os
import sys
import time
from pathlib import Path

import dagster as dg
from rich.console import Console
from sqlalchemy.exc import OperationalError

from workflowbench.collection.errors import SourceError
from workflowbench_dagster.homes import DEFAULT_DIRECTORY, Home, HomeError, enter, home_for, locked, prepare
from workflowbench_dagster.jobs.progress import PROGRESS
from workflowbench_dagster.jobs.rebuild import abandon_killed_runs, run_rebuild
from workflowbench_dagster.jobs.scrapes import start_scrape
from workflowbench_dagster.partitions import all_scrapes
from workflowbench_dagster.progress_display import ProgressDisplay
from workflowbench_dagster.resources.environment import folder_resource, table_resource
from workflowbench_dagster.resources.models import ModelError
from workflowbench_dagster.resources.storage import StorageError
from workflowbench_dagster.summary import funnel

_SPACE_REMEDY = "Free some space, check the permissions, or give another folder with --home."


def main() -> None:
    """Collect what is new in a folder, rebuild what is stale, and say what was found and where it lies."""
    options = _parse(sys.argv[1:])
    # A copy of the standard output: Dagster captures the original for its compute logs while a step runs.
    # What is printed are names of files and tables, never markup.
    output = os.fdopen(os.dup(sys.stdout.fileno()), "w", errors="backslashreplace")
    console = Console(file=output, soft_wrap=True, markup=False)
    home = home_for(options.home, options.shortcuts)
    try:
        prepare(home)
        enter(home)
        with locked(home):
            succeeded = _rebuild(home, console)
    except (HomeError, ModelError, SourceError, StorageError) as error:
        sys.exit(f"error: {error}")
    except (OSError, OperationalError) as error:
        cause = getattr(error, "orig", error)
        sys.exit(f"error: {home.path} cannot be written: {cause}. {_SPACE_REMEDY}")
    sys.exit(0 if succeeded else 1)


def _rebuild(home: Home, console: Console) -> bool:
    started = time.monotonic()
    tables, folder = table_resource(), folder_resource()
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance, console.status("starting") as status:
        display = ProgressDisplay(console, status)
        PROGRESS.addHandler(display)
        abandon_killed_runs(instance)
        scrape = start_scrape(instance, tables, folder)
        console.print(f"{home.shortcuts}: {f'scrape {scrape}' if scrape else 'no change'}", highlight=False)
        # The definitions read the environment of this home when they are imported.
        from workflowbench_dagster.definitions import defs

        result = run_rebuild(instance, defs, tables)
        PROGRESS.removeHandler(display)
        scrapes = all_scrapes(instance)
    seconds = time.monotonic() - started
    if not result.batches:
        console.print(f"Everything is up to date: nothing was run ({seconds:.1f} s).", style="green")
    if not result.success:
        console.print(
            "The rebuild stopped at the failure above; run it again once that is mended.", style="red"
        )
        return False
    console.print()
    console.print(funnel(tables, scrapes), highlight=False)
    if result.batches:
        checks = f"{display.passed} checks passed, {display.failed} did not"
        console.print(f"{len(result.batches)} run(s) in {seconds:.1f} s, {checks}.", highlight=False)
    for name, key in {"release": "release", "tables": "", "data docs": "data_docs"}.items():
        console.print(f"{name + ':':<11}{tables.storage.uri(key)}", highlight=False)
    console.print("`make ui` opens the Dagster UI on this very state.", highlight=False)
    return True


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workflowbench_dagster.demo", description=__doc__)
    parser.add_argument("--shortcuts", type=Path, default=Path("examples"), help="folder of shortcuts")
    parser.add_argument("--home", type=Path, default=DEFAULT_DIRECTORY, help="folder of the homes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
