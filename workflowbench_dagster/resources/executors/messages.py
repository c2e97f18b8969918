"""Progress of a job while it runs.

Pipes passes log messages on at once, and holds custom messages back until the process has ended. The reader
here wraps any other one and passes progress on as it comes: to the log of the run, and as observations of the
asset, whose numbers Dagster plots.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg
from dagster import PipesMessageHandler
from dagster_pipes import PipesMessage, PipesOpenedData, PipesParams

FREQUENT = frozenset({"step", "answering"})
"""Events that come so often that not each of them is shown."""

DONE = frozenset({"done", "done already"})
"""The last event of a program that did its job."""


class Progress:
    """Shows the events of a job, and remembers the last one.

    Args:
        context: The step that waits for the job.
        asset: Asset that the job makes.
        every_seconds: Least time between two frequent events that are shown.

    """

    def __init__(self, context: dg.AssetExecutionContext, asset: dg.AssetKey, every_seconds: float) -> None:
        self.last: Mapping[str, Any] = {}
        self._context = context
        self._asset = asset
        self._every = every_seconds
        self._shown_at = -every_seconds

    def note(self, event: Mapping[str, Any]) -> None:
        """Take an event, and show it unless one like it was shown a moment ago."""
        self.last = event
        now = time.monotonic()
        if event.get("event") in FREQUENT:
            if now - self._shown_at < self._every:
                return
            self._shown_at = now
        self._context.log.info(_line(event))
        if figures := _figures(event):
            self._context.log_event(
                dg.AssetObservation(self._asset, partition=self._partition, metadata=figures)
            )

    @property
    def is_done(self) -> bool:
        """Whether the job said that it is done."""
        return self.last.get("event") in DONE

    @property
    def _partition(self) -> str | None:
        keys = self._context.partition_keys if self._context.has_partition_key else []
        return keys[0] if len(keys) == 1 else None


class LiveReader(dg.PipesMessageReader):
    """Reads messages as another reader does, and passes progress on at once."""

    def __init__(self, inner: dg.PipesMessageReader, progress: Progress) -> None:
        self._inner = inner
        self._progress = progress

    @contextmanager
    def read_messages(self, handler: PipesMessageHandler) -> Iterator[PipesParams]:
        """Read messages until the job has ended; see `PipesMessageReader`."""
        with self._inner.read_messages(_Tee(handler, self._progress)) as parameters:
            yield parameters

    def on_opened(self, opened_payload: PipesOpenedData) -> None:
        """Pass the greeting of the job on."""
        self._inner.on_opened(opened_payload)

    def on_launched(self, launched_payload: Any) -> None:
        """Pass on where the job was launched."""
        self._inner.on_launched(launched_payload)

    def no_messages_debug_text(self) -> str:
        """Say where messages were expected."""
        return self._inner.no_messages_debug_text()


def s3_reader(bucket: str, seconds: float) -> dg.PipesMessageReader:
    """Return a reader of what a job writes into a bucket; the usual AWS variables say where it is."""
    import boto3  # type: ignore[import-untyped]
    from dagster_aws.pipes import PipesS3MessageReader

    return PipesS3MessageReader(bucket=bucket, client=boto3.client("s3"), interval=seconds)


class _Tee(PipesMessageHandler):
    """A handler that keeps progress for itself and gives everything else to another one."""

    def __init__(self, handler: PipesMessageHandler, progress: Progress) -> None:
        self._handler = handler
        self._own_progress = progress

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handler, name)

    @property
    def received_opened_message(self) -> bool:
        return self._handler.received_opened_message

    @property
    def received_closed_message(self) -> bool:
        return self._handler.received_closed_message

    def handle_message(self, message: PipesMessage) -> None:
        if message["method"] == "report_custom_message":
            payload = (message["params"] or {}).get("payload")
            if isinstance(payload, Mapping) and payload.get("kind") == "progress":
                self._own_progress.note({name: v for name, v in payload.items() if name != "kind"})
                return
        self._handler.handle_message(message)

    def report_pipes_framework_exception(self, origin: str, exc_info: Any) -> None:
        self._handler.report_pipes_framework_exception(origin, exc_info)


def _figures(event: Mapping[str, Any]) -> dict[str, float | int]:
    return {name: value for name, value in event.items() if _is_number(value)}


def _line(event: Mapping[str, Any]) -> str:
    figures = {name: f"{value:.6g}" for name, value in _figures(event).items()}
    words = {name: event[name] for name in ("detail", "resumed_from") if event.get(name)}
    return f"{event.get('event')}: " + ", ".join(f"{k} {v}" for k, v in {**words, **figures}.items())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
