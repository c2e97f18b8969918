"""Batches that were submitted and not yet collected, as files of a folder, so that a restart knows them.

The order of writes makes sure that no request is paid twice. A file is uploaded; the job with its file id is
written; the batch is created; the job with its batch id is written; results go to the ledger; the job is
removed.
A kill before the first write leaves a file on the server that nobody is charged for. A kill after it leaves
a job, whose batch, if it was created, is found again by its file id.
"""

import fcntl
import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

import orjson

from workflowbench.files import write_atomically
from workflowbench.llm.failures import ServerError
from workflowbench.llm.requests import Request


@dataclass(frozen=True, slots=True)
class Job:
    """A batch on its way.

    Attributes:
        name: Hash of file id and keys.
        requests: By key of each of its requests: the prompt's name, and the size of the body in bytes.
        file_id: The server's name of the uploaded file.
        prepared_at: Time just before the batch was created, in seconds since 1970.
        batch_id: The server's name of the batch; None until it is known.

    """

    name: str
    requests: Mapping[str, tuple[str, int]]
    file_id: str
    prepared_at: float
    batch_id: str | None = None

    @classmethod
    def prepared(cls, requests: Iterable[Request], file_id: str) -> Self:
        """A job whose file is uploaded."""
        described = {request.key: (request.prompt, len(request.content)) for request in requests}
        name = hashlib.sha256(" ".join((file_id, *described)).encode()).hexdigest()[:32]
        return cls(name, described, file_id, time.time())

    def created(self, batch_id: str) -> Self:
        """The same job, once its batch is known."""
        return replace(self, batch_id=batch_id)


class Jobs:
    """The jobs of a folder. One process uses a folder at a time.

    Args:
        folder: Where they lie, on a local disk; made when needed.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out; a killed process leaves no lock behind.

        Raises:
            ServerError: another process is at work in the folder.

        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ServerError(f"Another process works on the batches in {self.folder}.") from None
            yield

    def open(self) -> list[Job]:
        """All jobs, in the order in which they were prepared.

        Raises:
            ServerError: a file cannot be read as a job.

        """
        jobs = []
        for path in self.folder.glob("*.json"):
            try:
                jobs.append(Job(**orjson.loads(path.read_bytes())))
            except (orjson.JSONDecodeError, TypeError) as error:
                raise ServerError(f"{path} is no record of a batch: {error}. Look after it.") from error
        return sorted(jobs, key=lambda job: (job.prepared_at, job.name))

    def save(self, job: Job) -> None:
        """Write a job, or what is newly known about it."""
        write_atomically(self._path(job), orjson.dumps(asdict(job)))

    def remove(self, job: Job) -> None:
        """Forget a job whose results are in the ledger."""
        self._path(job).unlink()

    def _path(self, job: Job) -> Path:
        return self.folder / f"{job.name}.json"
