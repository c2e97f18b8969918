"""What is kept of a scrape beside its rows: where the next one begins, and how this one ended."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import orjson

from workflowbench.collection.cursor import Cursor
from workflowbench.collection.errors import SourceError
from workflowbench.collection.scrape import Stop


@dataclass(frozen=True, slots=True)
class ScrapeRecord:
    """The record of a scrape that ended.

    Attributes:
        source: The source that was scraped, e.g. `routinehub:routinehub.co`.
        cursor: Where the next scrape of this source begins.
        stopped: Why it ended early; None where it did not.
        forms: How many pages were `whole`, `without_version` or `unknown`.

    """

    source: str
    cursor: Cursor
    stopped: Stop | None = None
    forms: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> str:
        """Write the record, the same text for the same record."""
        document = {
            "source": self.source,
            "cursor": self.cursor.to_json(),
            "stopped": asdict(self.stopped) if self.stopped else None,
            "forms": dict(self.forms),
        }
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def from_json(cls, text: str) -> "ScrapeRecord":
        """Read a record.

        Raises:
            SourceError: this is no record of a scrape.

        """
        try:
            document = orjson.loads(text)
            stopped, forms = document["stopped"], document["forms"]
            return cls(
                str(document["source"]),
                Cursor.from_json(document["cursor"]),
                Stop(**stopped) if stopped else None,
                {str(form): int(count) for form, count in forms.items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SourceError(f"This is no record of a scrape ({error}).") from error
