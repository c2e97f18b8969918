"""The calls of OpenAI's batch interface: files and batches."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO

import httpx2
import openai
from openai.types import Batch

from workflowbench.llm.connections import CONNECT_TIMEOUT, ConnectionSettings
from workflowbench.llm.failures import ServerError
from workflowbench.llm.requests import ENDPOINT

ATTEMPTS = 5
"""Attempts of a call, each after a longer pause."""

CLOCK_SKEW_S = 24 * 3600.0
"""Seconds by which the server's clock and ours may differ, at most."""

UNFINISHED = ("validating", "in_progress", "finalizing", "cancelling")
"""States of a batch that will change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSettings(ConnectionSettings):
    """A server with the batch interface, and how to treat it.

    Attributes:
        questions_at_once: Questions whose batches run at the same time.
        max_lines: Most requests of a batch.
        max_bytes: Most bytes of a batch.
        poll_s: Seconds between two looks at a batch.
        deadline_s: Seconds after which a batch is left alone; a later run looks at it again.
        grace_s: Seconds that a created batch may take to be listed.
        max_attempts: Batches that a request may be part of until it counts as unavailable.
        timeout_s: Seconds for one call.

    """

    questions_at_once: int = 50_000
    max_lines: int = 50_000
    max_bytes: int = 190_000_000
    poll_s: float = 30.0
    deadline_s: float = 26 * 3600.0
    grace_s: float = 10.0
    max_attempts: int = 3
    timeout_s: float = 600.0


class BatchService:
    """Talks to the server.

    Args:
        settings: The server.

    """

    def __init__(self, settings: BatchSettings) -> None:
        self._settings = settings
        self._client = openai.OpenAI(
            api_key=settings.key,
            base_url=settings.base_url,
            max_retries=ATTEMPTS - 1,
            http_client=httpx2.Client(
                timeout=httpx2.Timeout(settings.timeout_s, connect=CONNECT_TIMEOUT), follow_redirects=False
            ),
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def upload(self, lines: BinaryIO) -> str:
        """Upload a file of lines: its id."""
        with self._named_errors():
            return self._client.files.create(file=("requests.jsonl", lines), purpose="batch").id

    def create(self, file_id: str) -> str:
        """Create the batch of a file exactly once: its id.

        A call whose end is unknown is not simply repeated: first the batch is looked for.
        """
        with self._named_errors():
            for _ in range(ATTEMPTS):
                try:
                    return self._create(file_id)
                except (openai.APIConnectionError, openai.InternalServerError):
                    found = self.find(file_id, prepared_at=time.time())
                    if found is not None:
                        return found
            return self._create(file_id)

    def find(self, file_id: str, prepared_at: float) -> str | None:
        """The id of the batch of a file, if one was created."""
        time.sleep(max(0.0, prepared_at + self._settings.grace_s - time.time()))
        with self._named_errors():
            newest_first = self._client.batches.list(limit=100)
            recent = takewhile(lambda batch: batch.created_at > prepared_at - CLOCK_SKEW_S, newest_first)
            return next((batch.id for batch in recent if batch.input_file_id == file_id), None)

    def finished(self, batch_id: str, between: Callable[[], None]) -> Batch:
        """Wait until a batch changes no more; `between` is called at every look.

        Raises:
            ServerError: it takes longer than the deadline.

        """
        deadline = time.monotonic() + self._settings.deadline_s
        while True:
            with self._named_errors():
                batch = self._client.batches.retrieve(batch_id)
            if batch.status not in UNFINISHED:
                return batch
            if time.monotonic() > deadline:
                raise ServerError(f"The batch {batch_id} is still {batch.status}; run the stage again later.")
            between()
            time.sleep(self._settings.poll_s)

    def lines(self, file_id: str) -> Iterator[bytes]:
        """Download a file, then give its lines."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "results.jsonl"
            with (
                self._named_errors(),
                self._client.files.with_streaming_response.content(file_id) as response,
            ):
                response.stream_to_file(path)
            with path.open("rb") as file:
                yield from map(self._settings.without_secret, file)

    def _create(self, file_id: str) -> str:
        batches = self._client.with_options(max_retries=0).batches
        return batches.create(input_file_id=file_id, endpoint=ENDPOINT, completion_window="24h").id

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except (openai.OpenAIError, httpx2.HTTPError) as error:
            said = self._settings.without_key(str(error))[:500]
            raise ServerError(
                f"The batch interface of {self._settings.base_url} fails: {said}. "
                "What was submitted is remembered; run the stage again."
            ) from None
