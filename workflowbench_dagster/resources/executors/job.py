"""A job that needs a GPU, and how it ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import dagster as dg

LOG_LINES = 25
"""Last lines of a job's log that its failure shows."""

LOG = "log.txt"
"""The job's own output, in its folder."""


@dataclass(frozen=True, slots=True)
class GpuJob:
    """A program that runs outside Dagster, may be started again at any time, and goes on where it was.

    Attributes:
        name: Short name of `[a-z0-9-]`, e.g. `annotator-id`.
        command: The argument list, given the interpreter of the machine that it runs on.
        folder: Folder of its inputs and outputs; the machine that it runs on sees it under the same path.
        is_complete: Whether its output is whole: the program's own sign, beside its exit status.
        n_gpus: GPUs that it needs.

    """

    name: str
    command: Callable[[str], list[str]]
    folder: Path
    is_complete: Callable[[], bool]
    n_gpus: int = 1


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a finished job reported.

    Attributes:
        figures: Its last event, with all figures of it.
        results: Materializations and checks that the program reported itself; none if it reported none.

    """

    figures: Mapping[str, Any]
    results: tuple[Any, ...] = field(default=())


class JobFailedError(Exception):
    """A job that ended otherwise than well.

    Attributes:
        exit_status: Exit status of its program; None where the executor does not tell it.
        log_tail: Last lines that it wrote.

    """

    def __init__(self, cause: str, log_tail: str, exit_status: int | None = None) -> None:
        super().__init__(cause)
        self.log_tail = log_tail
        self.exit_status = exit_status


class Executor(Protocol):
    """A place where jobs run."""

    def run(
        self, context: dg.AssetExecutionContext, job: GpuJob, wrap: "MessageWrapper"
    ) -> dg.PipesClientCompletedInvocation:
        """Run a job to its end.

        Raises:
            JobFailedError: the program failed, was killed, or could not be started.

        """

    def log_tail(self, job: GpuJob) -> str:
        """Return the last lines that the job wrote."""


MessageWrapper = Callable[[dg.PipesMessageReader], dg.PipesMessageReader]
"""Makes a reader of Pipes messages pass progress on while the job runs."""


def last_lines(path: Path) -> str:
    """Return the end of a log; nothing where there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 16_000))
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-LOG_LINES:])
