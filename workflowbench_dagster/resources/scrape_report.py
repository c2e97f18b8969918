"""What a scrape shows of itself: a line in the log every few seconds, and metadata at its end."""

import time
from collections.abc import Callable
from typing import Any

from workflowbench.collection.scrape import Scraped
from workflowbench.collection.scrape_record import ScrapeRecord
from workflowbench.collection.scrape_rows import Tally
from workflowbench.collection.stages import Traffic

MEGABYTE = 1_000_000


class ScrapeReport:
    """Follows a scrape.

    Args:
        log: Takes a line of text.
        traffic: What the fetcher of the scrape has received.
        every_seconds: Least time between two lines.

    """

    def __init__(self, log: Callable[[str], object], traffic: Traffic, every_seconds: float = 10) -> None:
        self._log = log
        self._traffic = traffic
        self._every = every_seconds
        self._started = self._shown = time.monotonic()

    def __call__(self, tally: Tally) -> None:
        """Log how far the scrape is, unless that was done a moment ago."""
        if time.monotonic() - self._shown >= self._every:
            self._shown = time.monotonic()
            self._log(self._line(tally))

    def metadata(self, scraped: Scraped, record: ScrapeRecord) -> dict[str, Any]:
        """Figures of the scrape: numbers, plain text and JSON only, for scraped text is never markup."""
        seconds = time.monotonic() - self._started
        stop = scraped.stopped
        return {
            "n_requests": self._traffic.n_requests,
            "answers_by_status": dict(sorted(self._traffic.answers.items())),
            "received_bytes": self._traffic.n_bytes,
            "seconds": round(seconds, 1),
            "requests_per_second": round(self._traffic.n_requests / seconds, 2) if seconds else 0.0,
            "pages_by_form": dict(sorted(record.forms.items())),
            "n_known": len(scraped.cursor.versions),
            "n_missing": len(scraped.cursor.misses),
            "n_pending": len(scraped.cursor.pending),
            **({"stopped": stop.reason, "stop_kind": stop.kind} if stop else {}),
        }

    def _line(self, tally: Tally) -> str:
        seconds = time.monotonic() - self._started
        dropped = ", ".join(f"{rule} {count}" for rule, count in sorted(tally.rules.items())) or "nothing"
        return (
            f"{tally.n_done} shortcuts looked at, {tally.n_rows} rows, dropped: {dropped};"
            f" {self._traffic.n_requests} requests, {self._traffic.n_bytes / MEGABYTE:.1f} MB,"
            f" {self._traffic.n_requests / seconds:.2f} requests/s in {seconds:.0f} s."
        )
