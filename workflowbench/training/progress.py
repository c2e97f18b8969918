"""What a job says while it runs: one JSON line per event, on disk and to whoever dispatched it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

Event = dict[str, Any]
"""Name of the event under `event`, seconds since the start under `seconds`, and figures."""


class Progress:
    """Writes events to `progress.jsonl`, each line in one write, and passes them on."""

    def __init__(self, path: Path, tell: Callable[[Event], None] | None = None) -> None:
        """`tell` passes events on, e.g. to the orchestrator."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._tell = tell
        self._start = time.monotonic()

    def __call__(self, event: str, **figures: object) -> None:
        """Note an event with its figures."""
        line: Event = {"event": event, "seconds": round(time.monotonic() - self._start, 2), **figures}
        with self._path.open("ab") as file:
            file.write(orjson.dumps(line, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n")
        if self._tell:
            self._tell(line)
