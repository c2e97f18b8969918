"""What a source remembers between scrapes, as JSON: what was seen, what was missed, what has not changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson

from workflowbench.collection.errors import SourceError
from workflowbench.collection.stages import Validators

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Miss:
    """A shortcut that was not there: how often in a row, and since when."""

    count: int
    first: datetime


@dataclass(frozen=True, slots=True)
class Tombstones:
    """When a shortcut that is not there counts as withdrawn: a 404 may pass, even for days."""

    misses: int = 3
    days: float = 7

    def apply(self, miss: Miss, now: datetime) -> bool:
        """Whether a miss has lasted."""
        return miss.count >= self.misses and now - miss.first >= timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a source stands after a scrape.

    Attributes:
        versions: Version last seen of each shortcut, by its id at the source; empty text where it has none.
        window: Ids of the last feed, newest first.
        validators: What to ask the feed with, by its address.
        misses: Shortcuts that were not there when they were last asked for.
        pending: Shortcuts that could not be read and are asked for again.
        backlog_page: First list page that was never walked to its end; 0 if there is none.
        swept: Id at which the last sweep over known shortcuts ended.

    """

    versions: Mapping[str, str] = field(default_factory=dict)
    window: tuple[str, ...] = ()
    validators: Mapping[str, Validators] = field(default_factory=dict)
    misses: Mapping[str, Miss] = field(default_factory=dict)
    pending: tuple[str, ...] = ()
    backlog_page: int = 0
    swept: str = ""

    def to_json(self) -> str:
        """Write the cursor, the same text for the same cursor."""
        return orjson.dumps({"format": FORMAT, "cursor": self}, option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def from_json(cls, text: str) -> "Cursor":
        """Read a cursor.

        Raises:
            SourceError: this is no cursor, or one of another format.

        """
        try:
            document = orjson.loads(text)
            if document["format"] != FORMAT:
                raise ValueError(f"its format is {document['format']}, not {FORMAT}")
            given = document["cursor"]
            misses = given["misses"].items()
            return cls(
                versions={str(key): str(value) for key, value in given["versions"].items()},
                window=tuple(map(str, given["window"])),
                validators={key: Validators(**value) for key, value in given["validators"].items()},
                misses={key: Miss(value["count"], _moment(value["first"])) for key, value in misses},
                pending=tuple(map(str, given["pending"])),
                backlog_page=int(given["backlog_page"]),
                swept=str(given["swept"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SourceError(f"This is no cursor of a scrape ({error}). Delete it to start anew.") from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time lacks its zone")
    return moment
