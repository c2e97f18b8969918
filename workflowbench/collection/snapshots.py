"""The raw layer of a scrape: every answer as it came, so that a better parser needs no new crawl.

Bodies lie under their SHA-256, shared by all scrapes; a scrape's journal has one JSON line per answer.
The folder is a quarantine: pages hold names and comments of people, so it is private and never released.
"""

import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import orjson

from workflowbench.collection.errors import SourceError
from workflowbench.collection.origins import without_query
from workflowbench.collection.stages import Answer
from workflowbench.files import write_atomically

PLAIN_PARAMETERS = ("category", "page", "sort")
"""Query parameters that tell addresses apart and hold no secret; any other is dropped."""


def address_key(url: str) -> str:
    """Spell an address without tokens: what an answer is stored under."""
    parameters = httpx2.URL(url).params
    kept = "&".join(f"{name}={parameters[name]}" for name in PLAIN_PARAMETERS if name in parameters)
    query = f"?{kept}" if kept else ""
    return without_query(url) + query


class Snapshots:
    """The answers of one scrape. One process writes a scrape at a time.

    Args:
        folder: Where bodies and journals of all scrapes lie; made when needed.
        scrape: Partition key of the scrape, of `a-z`, `0-9` and `-`.

    Raises:
        ValueError: the key holds another character.
        SourceError: a line of the journal, but for a last one that was cut off, cannot be read.

    """

    def __init__(self, folder: Path, scrape: str) -> None:
        if not re.fullmatch(r"[a-z0-9-]+", scrape):
            raise ValueError(f"{scrape!r} is no key of a scrape; use a-z, 0-9 and -.")
        self._bodies = folder / "bodies"
        self._journal = folder / f"{scrape}.jsonl"
        self._entries = self._read_journal()

    @property
    def is_empty(self) -> bool:
        """Whether nothing of this scrape was stored."""
        return not self._entries

    def find(self, key: str) -> Answer | None:
        """The answer that was stored under `key` in this scrape, unless its body is damaged or gone."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        try:
            body = self._body(entry["sha256"]).read_bytes()
        except FileNotFoundError:
            return None
        if hashlib.sha256(body).hexdigest() != entry["sha256"]:
            return None
        moment = datetime.fromisoformat(entry["fetched_at"])
        return Answer(entry["url"], entry["status"], entry["headers"], body, moment, entry["leads_to"])

    def store(self, key: str, answer: Answer) -> None:
        """Keep an answer: first its body, then its line in the journal."""
        digest = hashlib.sha256(answer.body).hexdigest()
        if not self._body(digest).exists():
            write_atomically(self._body(digest), answer.body)
        entry = {
            "key": key,
            "url": answer.url,
            "status": answer.status,
            "fetched_at": answer.fetched_at.isoformat(),
            "headers": dict(answer.headers),
            "sha256": digest,
            "leads_to": answer.leads_to,
        }
        self._journal.parent.mkdir(parents=True, exist_ok=True)
        with self._journal.open("ab") as file:
            file.write(orjson.dumps(entry) + b"\n")
        self._entries[key] = entry

    def _body(self, digest: str) -> Path:
        return self._bodies / digest[:2] / digest

    def _read_journal(self) -> dict[str, dict[str, Any]]:
        if not self._journal.exists():
            return {}
        data = self._journal.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            write_atomically(self._journal, whole)
        try:
            entries = [orjson.loads(line) for line in whole.splitlines()]
            return {entry["key"]: entry for entry in entries}
        except (orjson.JSONDecodeError, TypeError, KeyError) as error:
            raise SourceError(f"{self._journal} is damaged. Delete it to scrape from the start.") from error
