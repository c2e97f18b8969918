"""When a place on the network is scraped: what its last scrape says, and whether one is still under way."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import dagster as dg

from workflowbench.collection.cursor import Cursor
from workflowbench.collection.scrape import Stop
from workflowbench.tables import RAW_SHORTCUTS
from workflowbench_dagster.partitions import all_scrapes
from workflowbench_dagster.resources.scraping import NetworkSources
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.scrape_keys import ScrapeKey, keys_of

ATTEMPTS = 3
"""So often a scrape that did not end is launched again, before it waits for a person."""

PAUSES = {
    "blocked": timedelta(hours=24),
    "unknown_list": timedelta(hours=24),
    "rate_limited": timedelta(hours=6),
    "full": timedelta(0),
}
"""How long a place is left alone after a scrape of it was stopped; an outage is as long as `OUTAGE_PAUSE`."""

OUTAGE_PAUSE = timedelta(hours=1)

_PARTITION_TAG = "dagster/partition"
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a place stands before its next scrape.

    Attributes:
        latest: The newest stored scrape; None before the first.
        cursor: Where the next one begins.
        stopped: Why the newest one ended early; None where it did not.
        unfinished: A scrape that was begun after it and is not stored; None if there is none.

    """

    latest: ScrapeKey | None
    cursor: Cursor
    stopped: Stop | None
    unfinished: ScrapeKey | None

    def pause(self, now: datetime) -> str | None:
        """Say why and until when the place is left alone; None if it may be scraped."""
        if self.latest is None or self.stopped is None:
            return None
        until = self.latest.started + pause_after(self.stopped)
        return f"{self.stopped.reason} {paused(until)}" if now < until else None


def pause_after(stop: Stop) -> timedelta:
    """How long a place is left alone after a stop: the longer of our pause and what the site asks for."""
    return max(PAUSES.get(stop.kind, OUTAGE_PAUSE), timedelta(seconds=stop.pause_seconds))


def paused(until: datetime) -> str:
    """Say until when nothing is asked."""
    return f"Nothing is asked there before {until:%Y-%m-%d %H:%M} UTC."


def standing(
    instance: dg.DagsterInstance, tables: ParquetTables, network: NetworkSources, place: str
) -> Standing:
    """Where a place stands; a scrape of another site under the same name does not count."""
    keys = keys_of(place, all_scrapes(instance))
    stored = [key for key in keys if tables.exists(RAW_SHORTCUTS, str(key))]
    later = [key for key in keys if not stored or key > stored[-1]]
    unfinished = later[0] if later else None
    record = network.latest_record(tables, list(map(str, stored)), stored[-1]) if stored else None
    if record is None:
        return Standing(None, Cursor(), None, unfinished)
    return Standing(stored[-1], record.cursor, record.stopped, unfinished)


def take_up(instance: dg.DagsterInstance, key: ScrapeKey) -> dg.RunRequest | dg.SkipReason:
    """Launch a scrape again that did not end, unless it is under way or failed too often."""
    runs = instance.get_runs(dg.RunsFilter(tags={_PARTITION_TAG: str(key)}))
    if any(run.status in _UNDER_WAY for run in runs):
        return dg.SkipReason(f"The scrape {key} is still running.")
    if len(runs) >= ATTEMPTS:
        return dg.SkipReason(
            f"The scrape {key} did not end in {len(runs)} runs. Look at the last one, mend its cause, and"
            f" materialize this partition of raw_shortcuts."
        )
    return dg.RunRequest(run_key=f"{key}/{len(runs) + 1}", partition_key=str(key))


def unconfigured(network: NetworkSources) -> str | None:
    """Say what is missing for scrapes of the network; None if nothing is."""
    if network.contact:
        return None
    return (
        "Scraping is switched off: set WORKFLOWBENCH_ROUTINEHUB_CONTACT to a mail address or a web page, for"
        " sites must know who asks. Read docs/sources.md before."
    )
