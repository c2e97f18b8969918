"""Partition keys of scrapes of the network, e.g. `routinehub-20261121t034500z-feed`: place, time, adapter.

Whatever shares a cursor is one place. Keys of one place sort by time, and the time in a key is that of the
scrape for good, so that a scrape that is run again gives the same rows.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from workflowbench_dagster.partition_keys import slug, valid_partition

ROUTINEHUB = "routinehub"
"""The place of all of RoutineHub's adapters."""

POLICIES = {
    "feed": "routinehub-feed",
    "pages": "routinehub-pages",
    "api": "routinehub-api",
    "links": "icloud-links",
}
"""The source behind each adapter, by the name of its policy."""

_TIME = "%Y%m%dt%H%M%Sz"
_KEY = re.compile(rf"(routinehub|icloud-[a-z0-9-]+)-(\d{{8}}t\d{{6}}z)-({'|'.join(POLICIES)})")


@dataclass(frozen=True, slots=True, order=True)
class ScrapeKey:
    """A partition key, taken apart; in the order of time within a place."""

    place: str
    started: datetime
    adapter: str

    def __str__(self) -> str:
        return valid_partition(f"{self.place}-{self.started.strftime(_TIME)}-{self.adapter}")

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Take a partition key apart; None if it is none of a scrape of the network."""
        match = _KEY.fullmatch(text)
        if match is None:
            return None
        try:
            started = datetime.strptime(match[2], _TIME).replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(match[1], started, match[3])


def links_place(stem: str) -> str:
    """The place of a file of iCloud links, e.g. `icloud-my-links`."""
    return f"icloud-{slug(stem)}"


def keys_of(place: str, scrapes: Iterable[str]) -> list[ScrapeKey]:
    """The scrapes of a place, oldest first."""
    keys = (ScrapeKey.parse(scrape) for scrape in scrapes)
    return sorted(key for key in keys if key and key.place == place)


def next_key(place: str, adapter: str, scrapes: Iterable[str], now: datetime) -> ScrapeKey:
    """The key of a scrape that begins now: later than every other one of the place."""
    latest = max((key.started for key in keys_of(place, scrapes)), default=datetime.min.replace(tzinfo=UTC))
    return ScrapeKey(place, max(now.astimezone(UTC).replace(microsecond=0), _after(latest)), adapter)


def _after(moment: datetime) -> datetime:
    return moment + timedelta(seconds=1)


def source_prefix(scrape: str) -> str:
    """What the keys of the same source begin with: the place, or the key without its number."""
    key = ScrapeKey.parse(scrape)
    return key.place if key else scrape.rpartition("-")[0]
