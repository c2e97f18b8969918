"""Progress of long work in the log of a run."""

import time
from collections.abc import Callable

LOG_SECONDS = 10.0
"""Seconds between two lines about progress."""


class ProgressLog:
    """Counts what is done, and writes a line now and then.

    Args:
        write: Takes a line.
        what: What is counted, e.g. `workflows`.
        total: How many there are.
        seconds: Seconds between two lines.

    """

    def __init__(
        self, write: Callable[[str], object], what: str, total: int, seconds: float = LOG_SECONDS
    ) -> None:
        self._write = write
        self._what = what
        self._total = total
        self._seconds = seconds
        self._done = 0
        self._last = time.monotonic()

    def __call__(self, count: int) -> None:
        """Count what was done, and write a line if enough time has passed."""
        self._done += count
        now = time.monotonic()
        if now - self._last >= self._seconds:
            self._last = now
            self._write(f"{self._done:,} of {self._total:,} {self._what}")
