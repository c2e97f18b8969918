"""How a program outside Dagster reports back: through Pipes if Dagster started it, else to the console."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PREEMPTED = 75
"""Exit status of a job that left a checkpoint and wants to be started again (sysexits' EX_TEMPFAIL)."""

ENGINE_DIED = 70
"""Exit status of a job whose engine died; what was done is kept (sysexits' EX_SOFTWARE)."""

BAD_JOB = 64
"""Exit status of a job that cannot be run as it was given (sysexits' EX_USAGE)."""

REFUSED = "refused"
"""The event that says why a job cannot be run as it was given."""

MESSAGES = "WORKFLOWBENCH_MESSAGES"
"""Variable that says how messages travel: `s3` for a bucket, otherwise as Pipes decides."""

Tell = Callable[[dict[str, Any]], None]


@contextmanager
def reporter() -> Iterator[Tell]:
    """Yield a function that passes events on; only the first process of a run reports to Dagster."""
    if os.environ.get("RANK", "0") != "0":
        yield lambda _: None
    elif "DAGSTER_PIPES_CONTEXT" not in os.environ:
        yield _print
    else:
        from dagster_pipes import open_dagster_pipes

        with open_dagster_pipes(message_writer=_writer()) as pipes:
            yield lambda event: pipes.report_custom_message({"kind": "progress", **event})


def refuse(error: Exception, tell: Tell) -> int:
    """Say why a job cannot be run; returns the exit status for that."""
    print(f"error: {error}", file=sys.stderr, flush=True)
    tell({"event": REFUSED, "detail": str(error)})
    return BAD_JOB


def _writer() -> Any:
    if os.environ.get(MESSAGES) != "s3":
        return None
    import boto3  # type: ignore[import-untyped]
    from dagster_pipes import PipesS3MessageWriter

    return PipesS3MessageWriter(client=boto3.client("s3"), interval=2)


def _print(event: dict[str, Any]) -> None:
    if event["event"] == REFUSED:
        return
    figures = {name: value for name, value in event.items() if isinstance(value, int | float | str)}
    print("  ".join(f"{name}={value}" for name, value in figures.items() if name != "recipe"), flush=True)
