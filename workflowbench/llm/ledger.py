"""The ledger: every response that a server ever gave, under the key of its request, for ever.

One SQLite file in write-ahead mode on a local disk. Rows are only ever added, each with a hash of itself, in
one transaction each: a process may be killed at any moment, others may read and write meanwhile. For one key
the first whole row counts, so that whoever asks again hears the same; a damaged row counts as absent and is
asked anew. After a loss of power (not of a process) the last answers may be gone, but the file is whole.
"""

import fcntl
import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import orjson

from workflowbench.llm.requests import canonical_json

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    record BLOB NOT NULL,
    digest BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entries_by_key ON entries (key);
CREATE TRIGGER IF NOT EXISTS entries_stay_as_they_are BEFORE UPDATE ON entries
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS entries_stay_for_ever BEFORE DELETE ON entries
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""


class LedgerError(Exception):
    """The ledger's file cannot be used as a whole."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A response and what is known about it.

    Attributes:
        status: HTTP status: 200, or 400 for a prompt that is longer than the model's context.
        response: Body of the response, as it came.
        model: Model and revision that were asked for.
        prompt: Name and version of the prompt template.
        request_bytes: Size of the canonical request body.
        asked_at: Time of the answer, ISO 8601 in UTC.
        seconds: Time from sending to the whole response; for a batch, None.
        price_version: Version of the price table in force, if one was.

    """

    status: int
    response: dict[str, Any]
    model: str
    prompt: str
    request_bytes: int
    asked_at: str
    seconds: float | None = None
    price_version: str | None = None


class Ledger:
    """The entries of one file; safe to share between threads.

    Args:
        path: The file, on a local disk; made when needed, with its folder.

    Raises:
        LedgerError: the file is no ledger, or its folder cannot be written.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        with _named_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=60, check_same_thread=False, isolation_level=None)
            self._database.text_factory = bytes  # a damaged record may be marked as text, and be none
            with path.with_name(f"{path.name}.lock").open("wb") as alone:
                fcntl.flock(alone, fcntl.LOCK_EX)  # SQLite does not wait while another process turns to WAL
                self._database.execute("PRAGMA journal_mode=WAL")
                self._database.executescript(_SCHEMA)
            self._database.execute("PRAGMA synchronous=NORMAL")

    def find(self, key: str) -> Entry | None:
        """The entry of a request, unless there is none or it is damaged.

        Raises:
            LedgerError: the file is damaged beyond single entries.

        """
        raw = bytes.fromhex(key)
        with self._lock, _named_errors(self.path):
            rows = self._database.execute(
                "SELECT record, digest FROM entries WHERE key = ? ORDER BY id", (raw,)
            ).fetchall()
        whole = (record for record, digest in rows if _is_whole(raw, record, digest))
        record = next(whole, None)
        return None if record is None else Entry(**orjson.loads(record))

    def store(self, key: str, entry: Entry) -> Entry:
        """Add an entry unless the request has a whole one already; returns the one that counts.

        Raises:
            LedgerError: the file cannot be written, e.g. on a full disk.

        """
        raw, record = bytes.fromhex(key), _record(entry)
        with self._lock, _named_errors(self.path):
            known = self.find(key)
            if known is not None:
                return known
            self._database.execute(
                "INSERT INTO entries (key, record, digest) VALUES (?, ?, ?)",
                (raw, record, _digest(raw, record)),
            )
            return self.find(key) or entry

    def newest(self, most: int) -> Iterator[Entry]:
        """The whole entries among the newest `most`, newest first."""
        with self._lock, _named_errors(self.path):
            rows = self._database.execute(
                "SELECT key, record, digest FROM entries ORDER BY id DESC LIMIT ?", (most,)
            ).fetchall()
        for key, record, digest in rows:
            if _is_whole(key, record, digest):
                yield Entry(**orjson.loads(record))

    def __len__(self) -> int:
        with self._lock, _named_errors(self.path):
            return int(self._database.execute("SELECT count(*) FROM entries").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _named_errors:  # noqa: N801 - reads as a function where it is used
    """Turns SQLite's errors into a `LedgerError` that names the file and says what to do."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, sqlite3.OperationalError | OSError):
            raise LedgerError(f"The ledger {self._path} cannot be used: {error}.") from error
        if isinstance(error, sqlite3.DatabaseError | UnicodeDecodeError):
            raise LedgerError(
                f"The ledger {self._path} is damaged or is no ledger: {error}. "
                f"Move it away; `sqlite3 OLD .recover | sqlite3 NEW` saves its whole entries."
            ) from error


def _record(entry: Entry) -> bytes:
    return canonical_json({each.name: getattr(entry, each.name) for each in fields(entry)})


def _is_whole(key: object, record: object, digest: object) -> bool:
    """Tell whether a row is as it was written; a damaged one may hold values of any type."""
    return isinstance(key, bytes) and isinstance(record, bytes) and _digest(key, record) == digest


def _digest(key: bytes, record: bytes) -> bytes:
    return hashlib.sha256(key + record).digest()
