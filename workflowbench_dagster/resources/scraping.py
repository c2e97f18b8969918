"""The sources on the network as a resource: RoutineHub and files of iCloud links."""

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import dagster as dg
import polars as pl
from pydantic import Field

from workflowbench.collection.cursor import Cursor, Tombstones
from workflowbench.collection.errors import SourceError
from workflowbench.collection.fetching import Fetcher
from workflowbench.collection.icloud_source import ICloudLinks, read_links
from workflowbench.collection.scrape import MOST_BYTES, Scraped, Source, Stop, run_scrape
from workflowbench.collection.scrape_record import ScrapeRecord
from workflowbench.collection.sites import Sites
from workflowbench.collection.snapshots import Snapshots
from workflowbench.collection.sources import RoutineHubAPI, RoutineHubFeed, RoutineHubPages
from workflowbench.collection.stages import Patience, Traffic
from workflowbench.collection.visiting import Visitor
from workflowbench.tables import RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED
from workflowbench_dagster.partition_keys import slug
from workflowbench_dagster.resources.scrape_report import ScrapeReport
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.scrape_keys import ROUTINEHUB, ScrapeKey, keys_of, links_place

RECORD = "workflowbench.scrape"
"""Note of a partition of `raw_shortcuts`: the record of the scrape, stored in one file with its rows."""

SUPERSEDED = "superseded"
"""Kind of stop of a scrape that never ended before a later one of its place did."""

_ROUTINEHUB_SOURCES: dict[str, Callable[[Visitor, Sites], Source]] = {
    "feed": RoutineHubFeed,
    "pages": RoutineHubPages,
    "api": RoutineHubAPI,
}
_REAL = Sites()


class ScrapeRunningError(SourceError):
    """Another process scrapes the same place."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a source gave for one partition: rows, drops, notes to store with them, figures to show."""

    raw: pl.DataFrame
    dropped: pl.DataFrame
    notes: dict[str, str]
    metadata: dict[str, Any]


class NetworkSources(dg.ConfigurableResource):  # type: ignore[type-arg]
    """RoutineHub and files of iCloud links: addresses, manners, and what a person has decided."""

    contact: str = Field(
        default="",
        description="Mail address or web page sent with every request; empty switches scraping off.",
    )
    snapshots: str = Field(description="Private local folder for the pages as they came.")
    links: str = Field(default="", description="Text file of iCloud links, one on a line; may be empty.")
    opted_in: list[str] = Field(
        default=[], description="Sources that a person allows although their policy says no, by name."
    )
    news_adapter: Literal["feed", "pages", "api"] = Field(
        default="feed",
        description="What reads RoutineHub when its feed has news; `pages` looks for updates at once, too.",
    )
    routinehub: str = Field(default=_REAL.routinehub, description="Address of RoutineHub.")
    terms: str = Field(default=_REAL.terms, description="Path or address of RoutineHub's terms page.")
    icloud: str = Field(default=_REAL.icloud, description="Address of iCloud's public site.")
    icloud_files: str = Field(default=_REAL.icloud_files, description="Origin of the files of records.")
    allow_loopback: bool = Field(
        default=False, description="Also fetch from this machine: for a replay server only."
    )
    routinehub_delay_seconds: float = Field(
        default=_REAL.routinehub_delay_seconds, ge=0, description="Least time between requests to RoutineHub."
    )
    icloud_delay_seconds: float = Field(
        default=_REAL.icloud_delay_seconds,
        ge=0,
        description="Least time between requests to a host of iCloud.",
    )
    most_bytes: int = Field(
        default=MOST_BYTES,
        ge=1,
        description="Bytes of shortcuts after which a scrape ends.",
    )
    list_pages: int = Field(default=_REAL.list_pages, ge=1, description="Most list pages per scrape.")
    sweep: int = Field(default=_REAL.sweep, ge=0, description="Known shortcuts looked at again per scrape.")
    cross_check: bool = Field(default=False, description="Also fetch signed files and compare them.")
    tombstone_misses: int = Field(
        default=3, ge=1, description="Misses before a shortcut counts as withdrawn."
    )
    tombstone_days: float = Field(default=7, ge=0, description="Days over which it was missed before that.")

    @property
    def sites(self) -> Sites:
        """Addresses and manners for the library."""
        return Sites(
            self.routinehub,
            self.icloud,
            self.icloud_files,
            self.routinehub_delay_seconds,
            self.icloud_delay_seconds,
            list_pages=self.list_pages,
            sweep=self.sweep,
            cross_check=self.cross_check,
            terms=self.terms,
        )

    @property
    def links_place(self) -> str:
        """The place of the file of links, e.g. `icloud-my-links`."""
        return links_place(Path(self.links).stem)

    def link_ids(self) -> list[str]:
        """Ids in the file of links.

        Raises:
            SourceError: it cannot be read.

        """
        found = read_links(Path(self.links).expanduser())
        return [item for item in found if isinstance(item, str)]

    def fetcher(self, patience: Patience | None = None) -> Fetcher:
        """A fetcher under the contact.

        Raises:
            SourceError: there is no contact.

        """
        if not self.contact:
            raise SourceError("Set WORKFLOWBENCH_ROUTINEHUB_CONTACT: sites must know who asks.")
        return Fetcher(self.contact, patience=patience, allow_loopback=self.allow_loopback)

    def snapshots_of(self, key: ScrapeKey) -> Snapshots:
        """The answers of one scrape."""
        return Snapshots(self._folder(key.place), str(key))

    def collect(
        self, tables: ParquetTables, scrapes: Sequence[str], key: ScrapeKey, log: Callable[[str], object]
    ) -> Collected:
        """Scrape under a key: what its snapshots hold is not fetched again.

        A stored scrape is parsed again, with the network only for what its snapshots lack, if at all.

        Raises:
            ScrapeRunningError: another process scrapes the place.
            SourceError: the place cannot be scraped as things are; the message says why.

        """
        with self.alone(key.place):
            before = [other for other in keys_of(key.place, scrapes) if other < key]
            stored = [str(other) for other in before if _is_stored(tables, other)]
            record = self.latest_record(tables, stored, key)
            start = record.cursor if record else Cursor()
            if _is_stored(tables, key):
                return self._parsed_again(tables, stored, start, key, log)
            later = [other for other in keys_of(key.place, scrapes) if other > key]
            if any(_is_stored(tables, other) for other in later):
                return self._superseded(start, key)
            with self.fetcher() as fetcher:
                return self._scraped(tables, stored, start, key, fetcher, log)[1]

    def latest_record(
        self, tables: ParquetTables, stored: Sequence[str], key: ScrapeKey
    ) -> ScrapeRecord | None:
        """The newest record among stored scrapes of a place that is of the site which `key` would ask now."""
        source = self._source(key, None).source
        records = (read_record(tables, scrape) for scrape in reversed(stored))
        return next((record for record in records if record.source == source), None)

    @contextmanager
    def alone(self, place: str) -> Iterator[None]:
        """Hold a place for one scrape at a time; the lock ends with the process.

        Raises:
            ScrapeRunningError: another process holds it.
            SourceError: the folder of snapshots cannot be written.

        """
        with self._lock_file(place) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ScrapeRunningError(f"A scrape of {place} is still running.") from error
            yield

    def _lock_file(self, place: str) -> IO[str]:
        folder = self._folder(place)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return (folder / f"{place}.lock").open("w")
        except OSError as error:
            raise SourceError(
                f"{folder} cannot be written ({error}): see WORKFLOWBENCH_SCRAPE_SNAPSHOTS."
            ) from error

    def _scraped(
        self,
        tables: ParquetTables,
        stored: Sequence[str],
        start: Cursor,
        key: ScrapeKey,
        fetcher: Fetcher | None,
        log: Callable[[str], object],
    ) -> tuple[Scraped, Collected]:
        source = self._source(key, fetcher)
        report = ScrapeReport(log, fetcher.traffic if fetcher else Traffic())
        known = tables.scan(RAW_SHORTCUTS, stored).filter(source=source.source).drop("payload").collect()
        scraped = run_scrape(
            source,
            scrape=str(key),
            cursor=start,
            known=known,
            now=key.started,
            tombstones=Tombstones(self.tombstone_misses, self.tombstone_days),
            opted_in=frozenset(self.opted_in),
            observe=report,
            most_bytes=self.most_bytes,
        )
        record = ScrapeRecord(source.source, scraped.cursor, scraped.stopped, source.forms)
        notes, figures = {RECORD: record.to_json()}, report.metadata(scraped, record)
        return scraped, Collected(scraped.raw, scraped.dropped, notes, figures)

    def _parsed_again(
        self,
        tables: ParquetTables,
        stored: Sequence[str],
        start: Cursor,
        key: ScrapeKey,
        log: Callable[[str], object],
    ) -> Collected:
        if self.snapshots_of(key).is_empty:
            raise SourceError(f"{self._folder(key.place)} holds nothing of {key}: it cannot be parsed again.")
        with self.fetcher() if self.contact else nullcontext() as fetcher:
            scraped, collected = self._scraped(tables, stored, start, key, fetcher, log)
        if scraped.stopped and not read_record(tables, str(key)).stopped:
            raise SourceError(f"{key} cannot be parsed again: {scraped.stopped.reason} It stays as it is.")
        return collected

    def _superseded(self, start: Cursor, key: ScrapeKey) -> Collected:
        stopped = Stop(SUPERSEDED, "A later scrape has taken the place of this one, which never ended.")
        record = ScrapeRecord(self._source(key, None).source, start, stopped)
        figures = {"stopped": stopped.reason, "stop_kind": stopped.kind}
        return Collected(
            RAW_SHORTCUTS.frame(), RAW_SHORTCUTS_DROPPED.frame(), {RECORD: record.to_json()}, figures
        )

    def _source(self, key: ScrapeKey, fetcher: Fetcher | None) -> Source:
        visitor = Visitor(fetcher, self.snapshots_of(key))
        if key.place == ROUTINEHUB:
            return _ROUTINEHUB_SOURCES[key.adapter](visitor, self.sites)
        if not self.links or key.place != self.links_place:
            raise SourceError(f"{key} is of another file of links. Set WORKFLOWBENCH_SCRAPE_LINKS to it.")
        return ICloudLinks(visitor, Path(self.links).expanduser(), self.sites)

    def _folder(self, place: str) -> Path:
        site = slug(self.routinehub if place == ROUTINEHUB else self.icloud)
        return Path(self.snapshots).expanduser().absolute() / site


def read_record(tables: ParquetTables, scrape: str) -> ScrapeRecord:
    """The record of a stored scrape of the network.

    Raises:
        SourceError: the partition has none.

    """
    return ScrapeRecord.from_json(tables.notes(RAW_SHORTCUTS, scrape).get(RECORD, ""))


def _is_stored(tables: ParquetTables, key: ScrapeKey) -> bool:
    return tables.exists(RAW_SHORTCUTS, str(key))
