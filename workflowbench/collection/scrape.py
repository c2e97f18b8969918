"""One scrape of a source, whatever it is: what is new, what was dropped, and where to go on.

A source says which shortcuts to look at and fetches one; everything else is the same for all sources and lies
here. A scrape that was killed is run again under the same key: what its snapshots hold is not fetched again.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import polars as pl

from workflowbench.collection.cursor import Cursor, Miss, Tombstones
from workflowbench.collection.errors import SourceError
from workflowbench.collection.fetch_errors import FetchError, StopScrapeError, UnavailableError
from workflowbench.collection.listing import Fault
from workflowbench.collection.progress import Progress
from workflowbench.collection.scrape_rows import Found, RowCollector, Tally

MOST_BYTES = 128 << 20
"""Bytes of shortcuts that one scrape keeps: they are held in memory until its table is written."""

OUTAGE = 3
"""So many shortcuts in a row without an answer are an outage, which ends the scrape."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Whether a source may be scraped without a person's decision, and why."""

    name: str
    allowed_by_default: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a scrape ended early.

    Attributes:
        kind: `blocked`, `rate_limited`, `outage`, `list_unavailable`, `unknown_list` or `full`.
        reason: A sentence for people.
        pause_seconds: How long the site asks to wait; 0 where it does not say.

    """

    kind: str
    reason: str
    pause_seconds: float = 0


class UnknownListError(SourceError):
    """A feed or list of shortcuts that is not there or has an unknown form."""


class WithdrawnError(SourceError):
    """The source does not have the shortcut now; that may pass."""


class NoShortcutError(SourceError):
    """The source has something, but no shortcut comes of it.

    Attributes:
        fault: Why, without a path: rule, detail, limit and observed value.
        version_id: The version that was refused, which is not asked for again; empty where there is none.
        may_pass: Whether the same version may do better next time.

    """

    def __init__(self, fault: Fault, version_id: str = "", *, may_pass: bool = False) -> None:
        super().__init__(fault.detail)
        self.fault = fault
        self.version_id = version_id
        self.may_pass = may_pass


class Source(Protocol):
    """A place that shortcuts are scraped from."""

    @property
    def policy(self) -> Policy:
        """Whether it may be scraped."""

    @property
    def source(self) -> str:
        """Source adapter and its place, e.g. `routinehub:routinehub.co`."""

    @property
    def forms(self) -> Mapping[str, int]:
        """How many pages were `whole`, `without_version` or `unknown`; empty for a source without pages."""

    def discover(self, progress: Progress) -> Iterator[str | Fault]:
        """Ids of the shortcuts to look at, and faults of the list itself.

        Each id has been dealt with, and `progress` says how, before the next one is asked for.

        Raises:
            UnknownListError: the list has moved or changed its form.
            FetchError: it could not be fetched.

        """

    def fetch(self, identifier: str, known_version: str | None) -> Found | None:
        """One shortcut; None if it still has its known version.

        Raises:
            WithdrawnError: it is not there.
            NoShortcutError: no shortcut comes of it.
            FetchError: it could not be fetched.

        """


@dataclass(frozen=True, slots=True)
class Scraped:
    """The result of a scrape.

    Attributes:
        raw: RAW_SHORTCUTS rows: new versions and withdrawals.
        dropped: RAW_SHORTCUTS_DROPPED rows.
        cursor: Where the next scrape begins.
        stopped: Why the scrape ended early; None where it did not.

    """

    raw: pl.DataFrame
    dropped: pl.DataFrame
    cursor: Cursor
    stopped: Stop | None = None


def _ignore(tally: Tally) -> None:
    del tally


def run_scrape(
    source: Source,
    *,
    scrape: str,
    cursor: Cursor,
    known: pl.DataFrame,
    now: datetime,
    tombstones: Tombstones | None = None,
    opted_in: Set[str] = frozenset(),
    observe: Callable[[Tally], None] = _ignore,
    most_bytes: int = MOST_BYTES,
) -> Scraped:
    """Scrape a source.

    Args:
        source: The source.
        scrape: Partition key of this scrape.
        cursor: Where the last scrape ended; `Cursor()` before the first one.
        known: RAW_SHORTCUTS rows of the earlier scrapes of this source, in their order; `payload` may be
            missing.
        now: Time of the scrape, with its zone.
        tombstones: When a missing shortcut counts as withdrawn.
        opted_in: Names of the sources that a person has allowed although their policy says no.
        observe: Is told after each shortcut what has come of the scrape so far.
        most_bytes: Bytes of shortcuts after which the scrape ends, and leaves the rest to the next one.

    Raises:
        SourceError: the policy does not allow the source, or a file of it cannot be read.

    """
    policy = source.policy
    if not policy.allowed_by_default and policy.name not in opted_in:
        raise SourceError(f"{policy.name} is off: {policy.reason} Opt in by its name if you may use it.")
    rows = RowCollector(scrape, source.source, known, now)
    run = _Run(source, rows, Progress.after(cursor), observe, most_bytes)
    stopped = run.walk(now, tombstones or Tombstones())
    end = run.progress.cursor(cursor, is_complete=stopped is None)
    return Scraped(run.rows.raw(), run.rows.dropped(), end, stopped)


@dataclass(slots=True)
class _Run:
    source: Source
    rows: RowCollector
    progress: Progress
    observe: Callable[[Tally], None]
    most_bytes: int
    done: set[str] = field(default_factory=set)
    n_unanswered: int = 0

    def walk(self, now: datetime, tombstones: Tombstones) -> Stop | None:
        """Deal with every shortcut; returns why it ended early, or None."""
        try:
            for item in self.source.discover(self.progress):
                if isinstance(item, Fault):
                    self.rows.drop(item)
                else:
                    self._deal_with(item, now, tombstones)
            self._ask_again(now, tombstones)
        except StopScrapeError as error:
            return Stop(error.rule, str(error), error.pause_seconds)
        except _Outage as error:
            return Stop("outage", str(error))
        except _Full as error:
            return Stop("full", str(error))
        except UnknownListError as error:
            return Stop("unknown_list", str(error))
        except FetchError as error:
            return Stop("list_unavailable", f"The list of shortcuts cannot be fetched: {error}")
        return None

    def _ask_again(self, now: datetime, tombstones: Tombstones) -> None:
        """Ask for what earlier scrapes missed or could not read; that it fails again says nothing new."""
        self.n_unanswered = 0
        with suppress(_Outage):
            for item in [*self.progress.misses, *self.progress.pending]:
                self._deal_with(item, now, tombstones)

    def _deal_with(self, item: str, now: datetime, tombstones: Tombstones) -> None:
        if item in self.done:
            return
        self.done.add(item)
        if self.rows.tally.n_bytes >= self.most_bytes:
            raise _Full(f"One scrape keeps {self.most_bytes:,} bytes of shortcuts; the next one goes on.")
        try:
            self._ask(item, now, tombstones)
        finally:
            self.rows.tally.n_done += 1
            self.observe(self.rows.tally)

    def _ask(self, item: str, now: datetime, tombstones: Tombstones) -> None:
        try:
            found = self.source.fetch(item, self.progress.versions.get(item))
        except StopScrapeError:
            raise
        except WithdrawnError as error:
            self._miss(item, str(error), now, tombstones)
        except UnavailableError as error:
            self._postpone(Fault(item, error.rule, f"{error} The next scrape asks again."))
        except NoShortcutError as error:
            self._refuse(item, error)
        except FetchError as error:
            self._settle(item, "")
            self.rows.drop(Fault(item, error.rule, str(error)))
        else:
            self._settle(item, found.version_id if found else None)
            if found:
                self.rows.add(item, found)

    def _refuse(self, item: str, error: NoShortcutError) -> None:
        fault = replace(error.fault, source_path=item)
        if error.may_pass:
            self._postpone(fault)
        else:
            self._settle(item, error.version_id)
            self.rows.drop(fault)

    def _postpone(self, fault: Fault) -> None:
        self.rows.drop(fault)
        self.progress.pending[fault.source_path] = None
        self.n_unanswered += 1
        if self.n_unanswered >= OUTAGE:
            raise _Outage(f"{OUTAGE} shortcuts in a row could not be read. The last: {fault.detail}")

    def _settle(self, item: str, version: str | None) -> None:
        """Remember the version that was dealt with; None is the one that is known."""
        self.n_unanswered = 0
        self.progress.misses.pop(item, None)
        self.progress.pending.pop(item, None)
        if version is not None and self.progress.versions.get(item) != version:
            self.progress.versions[item] = version
            self.progress.n_new += 1

    def _miss(self, item: str, detail: str, now: datetime, tombstones: Tombstones) -> None:
        self.n_unanswered = 0
        self.progress.pending.pop(item, None)
        before = self.progress.misses.get(item)
        miss = Miss(before.count + 1, before.first) if before else Miss(1, now)
        if not tombstones.apply(miss, now):
            self.progress.misses[item] = miss
            self.rows.drop(Fault(item, "not_there", f"{detail} It is asked for again.", observed=miss.count))
            return
        self.progress.misses.pop(item, None)
        self.progress.versions.setdefault(item, "")
        if not self.rows.withdraw(item):
            self.rows.drop(Fault(item, "never_there", detail, tombstones.misses, miss.count))


class _Outage(Exception):  # noqa: N818 - ends the walk only
    """Too many shortcuts in a row without an answer."""


class _Full(Exception):  # noqa: N818 - ends the walk only
    """The scrape holds as much as one may."""
