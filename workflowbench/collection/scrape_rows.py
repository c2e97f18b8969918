"""The rows of a scrape: new shortcuts, withdrawals, and what was dropped."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from workflowbench.collection.consent import Consent
from workflowbench.collection.listing import Fault
from workflowbench.collection.row_frames import Row, dropped_frame, path_id, raw_frame

_KEPT = (
    *("source_path", "version_id", "title", "description", "categories", "url", "licence"),
    *("icloud_id", "terms_sha256", "robots", "is_nsfw"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A shortcut version that was fetched, with what its source says about it."""

    version_id: str
    title: str
    url: str
    payload: bytes = field(repr=False)
    fetched_at: datetime
    description: str | None = None
    categories: tuple[str, ...] = ()
    icloud_id: str | None = None
    consent: Consent | None = None


@dataclass(slots=True)
class Tally:
    """How far a scrape is: shortcuts looked at, rows and their bytes so far, and dropped ones by rule."""

    n_done: int = 0
    n_rows: int = 0
    n_bytes: int = 0
    rules: Counter[str] = field(default_factory=Counter)


class RowCollector:
    """Collects the rows of one scrape; the same bytes are kept once, under the id that had them first."""

    def __init__(self, scrape: str, source: str, known: pl.DataFrame, now: datetime) -> None:
        self._scrape = scrape
        self._source = source
        self._now = now
        latest = known.drop("payload", strict=False).unique("source_path", keep="last", maintain_order=True)
        self._offered: dict[str, Row] = {
            row["source_path"]: row for row in latest.to_dicts() if not row["is_withdrawn"]
        }
        self._owners = {row["raw_id"]: path for path, row in self._offered.items()}
        self._rows: dict[str, Row] = {}
        self._faults: list[Fault] = []
        self.tally = Tally()

    def add(self, path: str, found: Found) -> None:
        """Keep a shortcut, or drop it as a duplicate and withdraw what stood in its place."""
        raw_id = hashlib.sha256(found.payload).hexdigest()
        owner = self._owners.setdefault(raw_id, path)
        if owner != path:
            self.drop(Fault(path, "duplicate_file", f"The same bytes as {owner}.", twin_id=raw_id))
            self.withdraw(path)
            return
        self._rows[path] = {
            "raw_id": raw_id,
            "source_path": path,
            "version_id": found.version_id or None,
            "title": found.title,
            "description": found.description,
            "categories": list(found.categories),
            "url": found.url,
            "icloud_id": found.icloud_id,
            **self._consent(found.consent),
            "fetched_at": found.fetched_at,
            "is_withdrawn": False,
            "size_bytes": len(found.payload),
            "payload": found.payload,
        }
        self.tally.n_rows = len(self._rows)
        self.tally.n_bytes += len(found.payload)

    def _consent(self, consent: Consent | None) -> Row:
        if consent is None:
            return {}
        if consent.fault and consent.fault not in self._faults:
            self.drop(consent.fault)
        return {
            "terms_sha256": consent.terms_sha256,
            "robots": consent.robots,
            "is_nsfw": consent.is_nsfw,
        }

    def withdraw(self, path: str) -> bool:
        """Note that the source no longer offers a shortcut; False if it was never collected."""
        before = self._offered.get(path)
        if before is None:
            return False
        self._rows[path] = {
            **{name: before[name] for name in _KEPT},
            "raw_id": path_id(self._source, path),
            "fetched_at": self._now,
            "is_withdrawn": True,
            "size_bytes": 0,
        }
        self.tally.n_rows = len(self._rows)
        return True

    def drop(self, fault: Fault) -> None:
        """Note why something gave no row."""
        self._faults.append(fault)
        self.tally.rules[fault.rule] += 1

    def raw(self) -> pl.DataFrame:
        """RAW_SHORTCUTS rows, sorted by path."""
        return raw_frame(self._rows.values(), self._scrape, self._source)

    def dropped(self) -> pl.DataFrame:
        """RAW_SHORTCUTS_DROPPED rows, sorted by title and rule."""
        return dropped_frame(self._faults, self._source)
