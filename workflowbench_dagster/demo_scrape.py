"""Shows the platform rebuild itself: `python -m workflowbench_dagster.demo_scrape`.

A stand-in for RoutineHub and iCloud on this machine offers the example shortcuts; nothing leaves the machine.
A real Dagster daemon finds them, and finds three new ones and an update of another later.
"""

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
from rich.console import Console

from workflowbench.collection.replay.site import ReplaySite
from workflowbench.tables import RAW_SHORTCUTS, TRANSCRIBED_WORKFLOWS
from workflowbench_dagster.daemon import Daemon, DaemonError, running_daemon
from workflowbench_dagster.homes import DEFAULT_DIRECTORY, Home, HomeError, home_for, prepare
from workflowbench_dagster.partitions import all_scrapes
from workflowbench_dagster.resources import environment
from workflowbench_dagster.resources.tables import ParquetTables

SENSORS = ("routinehub_news", "carry_on")
FIRST, NEW = 12, 3
"""How many shortcuts the site offers at first, and how many more later."""

UPDATED = 5
"""The shortcut that gets a new version."""

REBUILD_SECONDS = 240
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def main() -> None:
    """Let a first scrape come in, change the site, and say what was rebuilt and how long it took."""
    options = _parse(sys.argv[1:])
    console = Console(soft_wrap=True, markup=False, highlight=False)
    payloads = [path.read_bytes() for path in sorted(options.shortcuts.rglob("*.shortcut"))]
    if len(payloads) <= FIRST + NEW:
        sys.exit(f"error: {options.shortcuts} holds too few .shortcut files; {FIRST + NEW + 1} are needed.")
    home = home_for(options.home, options.home / "replayed site")
    shutil.rmtree(home.path, ignore_errors=True)
    try:
        prepare(home)
        with ReplaySite() as site, running_daemon(home, settings(site)) as daemon:
            _show(console, site, home, daemon, payloads)
    except (DaemonError, HomeError) as error:
        sys.exit(f"error: {error}")
    console.print("`make ui` opens the Dagster UI on this very state.")


def settings(site: ReplaySite) -> dict[str, str]:
    """The environment that points the platform at a replay site, without pauses."""
    fields = {
        **dict.fromkeys(("ROUTINEHUB", "ICLOUD", "ICLOUD_FILES"), site.address),
        **dict.fromkeys(("ROUTINEHUB_DELAY_SECONDS", "ICLOUD_DELAY_SECONDS"), "0"),
        "ALLOW_LOOPBACK": "true",
        "NEWS_ADAPTER": "pages",
    }
    return {
        **{environment.SCRAPE + name: value for name, value in fields.items()},
        environment.CONTACT: "https://example.org/a-demonstration",
        environment.FEED_SECONDS: "1",
        environment.AUTOMATION_SECONDS: "1",
    }


def _show(console: Console, site: ReplaySite, home: Home, daemon: Daemon, payloads: Sequence[bytes]) -> None:
    console.print(f"RoutineHub and iCloud are played at {site.address}, the Dagster UI is {daemon.address}.")
    tables = ParquetTables(root=str(home.path / "tables"))
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        rebuilt = Rebuilds(instance, daemon)
        for number, payload in enumerate(payloads[:FIRST], 1):
            site.offer(number, f"Example {number}", payload)
        daemon.start_sensors(SENSORS)
        seconds = rebuilt.wait(1)
        console.print(f"The site offers {FIRST} shortcuts: {_summary(site, tables, instance, seconds)}")
        rebuilt.print(console)
        site.server.asked.clear()
        site.offer(UPDATED, f"Example {UPDATED}", payloads[FIRST + NEW])
        for number, payload in enumerate(payloads[FIRST : FIRST + NEW], FIRST + 1):
            site.offer(number, f"Example {number}", payload)
        seconds = rebuilt.wait(2)
        changes = f"The site gains {NEW} shortcuts and an update: {_summary(site, tables, instance, seconds)}"
        console.print(changes)
        rebuilt.print(console)


class Rebuilds:
    """What the daemon materializes, one change of the site after the other."""

    def __init__(self, instance: dg.DagsterInstance, daemon: Daemon) -> None:
        self._instance = instance
        self._daemon = daemon
        self._seen: set[str] = set()

    def wait(self, n_scrapes: int) -> float:
        """Wait until so many scrapes are in the release and no run is under way: seconds since the last."""
        started = time.monotonic()
        self._daemon.wait_until(lambda: self._is_released(n_scrapes), REBUILD_SECONDS)
        return time.monotonic() - started

    def print(self, console: Console) -> None:
        """Print what was materialized since this was last printed."""
        runs = [run for run in reversed(self._instance.get_runs()) if run.run_id not in self._seen]
        self._seen |= {run.run_id for run in runs}
        for run in runs:
            made = [key.to_user_string() for key in run.asset_selection or (dg.AssetKey(RAW_SHORTCUTS.name),)]
            names = sorted(name for name in made if not name.endswith("_dropped"))
            stats = self._instance.get_run_stats(run.run_id)
            seconds = (stats.end_time or 0) - (stats.start_time or 0)
            place = run.tags.get("dagster/partition", "all scrapes")
            console.print(f"  {place:<38}{seconds:5.1f} s  {', '.join(names)}")

    def _is_released(self, n_scrapes: int) -> bool:
        runs = self._instance.get_runs()
        failed = [run for run in runs if run.status == dg.DagsterRunStatus.FAILURE]
        if failed:
            raise DaemonError(f"The run {failed[0].run_id} failed; look at it in the UI.")
        released = [run for run in runs if dg.AssetKey("release") in (run.asset_selection or ())]
        is_quiet = all(run.status in _ENDED for run in runs)
        return is_quiet and len(all_scrapes(self._instance)) == n_scrapes and len(released) == n_scrapes


def _summary(site: ReplaySite, tables: ParquetTables, instance: dg.DagsterInstance, seconds: float) -> str:
    scrape = all_scrapes(instance)[-1]
    n_raw = tables.read(RAW_SHORTCUTS, scrape).height
    n_transcribed = tables.read(TRANSCRIBED_WORKFLOWS, scrape).height
    return (
        f"{n_raw} rows fetched with {len(site.server.asked)} requests, {n_transcribed} transcribed and"
        f" annotated, in the release after {seconds:.0f} s."
    )


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workflowbench_dagster.demo_scrape", description=__doc__)
    parser.add_argument("--shortcuts", type=Path, default=Path("examples"), help="folder of shortcuts")
    parser.add_argument("--home", type=Path, default=DEFAULT_DIRECTORY, help="folder of the homes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
