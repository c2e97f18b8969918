"""Transcribes many shortcuts, in several processes; one bad file costs its own row and nothing else."""

import os
import resource
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import orjson
import polars as pl
from loky import ProcessPoolExecutor

from workflowbench.shortcuts.reading import read_shortcut
from workflowbench.shortcuts.rejection import RejectedShortcut
from workflowbench.shortcuts.transcription import Transcription, transcribe
from workflowbench.tables import TRANSCRIBED_WORKFLOWS, TRANSCRIBED_WORKFLOWS_DROPPED

CHUNK_ITEMS = 16
SEQUENTIAL_ITEMS = 256
"""Up to this many items, starting processes takes longer than the work."""
MAX_SECONDS = 30
"""A file that takes longer is refused; the largest real ones take about a second."""
MAX_WORKER_BYTES = 4 * 2**30
"""Address space of a worker process; what needs more fails alone."""


@dataclass(frozen=True, slots=True)
class Transcribed:
    """A transcription and who signed the file: `none`, `icloud` or `contact`."""

    transcription: Transcription
    signed_by: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file became no workflow: rule, explanation with remedy, limit and observed value."""

    reason: str
    detail: str
    threshold: float | None = None
    observed: float | None = None


Outcome = Transcribed | Refused
Payload = bytes | Path
"""A file's bytes, or where to read them."""


def transcribe_payload(payload: Payload) -> Outcome:
    """Read and transcribe one shortcut; every fault of the file, or of this code, becomes a `Refused`."""
    try:
        data = payload.read_bytes() if isinstance(payload, Path) else payload
        file = read_shortcut(data)
        return Transcribed(transcribe(file.workflow), file.signed_by)
    except RejectedShortcut as refusal:
        return Refused(refusal.reason, refusal.detail, refusal.threshold, refusal.observed)
    except TimeoutError:
        return Refused(
            "too_slow", "transcribing it took too long; the file is not a usable shortcut", MAX_SECONDS
        )
    except OSError as error:
        return Refused("unreadable_file", f"{error.strerror or error}; check the file's permissions")
    except (MemoryError, RecursionError) as error:
        return Refused(
            "too_large", f"reading it ran into a {type(error).__name__}; the file is not a usable shortcut"
        )
    except Exception as error:
        return Refused("internal_error", f"{type(error).__name__}: {error}; please report this shortcut")


def transcribe_payloads(
    payloads: Sequence[Payload], *, workers: int | None = None
) -> Iterator[tuple[int, Outcome]]:
    """Transcribe shortcuts; yields index and outcome as they are done, in no fixed order.

    Args:
        payloads: The files.
        workers: Processes to use; by default one per core, and none for a few files.
    """
    workers = workers or os.cpu_count() or 1
    if workers == 1 or len(payloads) <= SEQUENTIAL_ITEMS:
        for index, payload in enumerate(payloads):
            yield index, transcribe_payload(payload)
        return
    chunks = [
        range(start, min(start + CHUNK_ITEMS, len(payloads)))
        for start in range(0, len(payloads), CHUNK_ITEMS)
    ]
    unfinished = yield from _run_chunks(payloads, chunks, workers)
    for chunk in unfinished:
        for index in chunk:
            yield from _run_alone(payloads, index)


def _run_chunks(
    payloads: Sequence[Payload], chunks: list[range], workers: int
) -> Generator[tuple[int, Outcome], None, list[range]]:
    """Run chunks side by side; returns those that a dying process took with it."""
    unfinished = []
    with _pool(workers) as pool:
        running: dict[Future[list[Outcome]], range] = {}
        waiting = iter(chunks)
        broken = False
        while True:
            while not broken and len(running) < 2 * workers and (chunk := next(waiting, None)) is not None:
                try:
                    running[pool.submit(_transcribe_chunk, [payloads[index] for index in chunk])] = chunk
                except BrokenProcessPool:
                    broken = True
                    unfinished.append(chunk)
            if not running:
                break
            done = next(iter(wait(running, return_when=FIRST_COMPLETED).done))
            chunk = running.pop(done)
            try:
                yield from zip(chunk, done.result(), strict=True)
            except BrokenProcessPool:
                broken = True
                unfinished.append(chunk)
        unfinished.extend(waiting)
    return unfinished


def _run_alone(payloads: Sequence[Payload], index: int) -> Iterator[tuple[int, Outcome]]:
    """Run one item in a process of its own.

    Raises:
        BrokenProcessPool: No process can be started at all, so that no file is to blame.
    """
    with _pool(1) as pool:
        pool.submit(os.getpid).result()
        try:
            yield index, pool.submit(_transcribe_chunk, [payloads[index]]).result()[0]
        except BrokenProcessPool:
            yield (
                index,
                Refused("worker_died", "the process that read it died; the file is not a usable shortcut"),
            )


def _pool(workers: int) -> ProcessPoolExecutor:
    """Processes that share no threads, locks or main program with this one."""
    return ProcessPoolExecutor(workers, initializer=_limit_worker)


def _limit_worker() -> None:
    signal.signal(signal.SIGALRM, _out_of_time)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > MAX_WORKER_BYTES:
        resource.setrlimit(resource.RLIMIT_AS, (MAX_WORKER_BYTES, hard))


def _out_of_time(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError


@contextmanager
def _time_limit() -> Iterator[None]:
    signal.alarm(MAX_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


def _transcribe_chunk(payloads: list[Payload]) -> list[Outcome]:
    outcomes = []
    for payload in payloads:
        with _time_limit():
            outcomes.append(transcribe_payload(payload))
    return outcomes


def transcribe_rows(
    raw: pl.DataFrame, *, workers: int | None = None, progress: Callable[[int], object] | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Transcribe the rows of `raw_shortcuts`.

    Args:
        raw: Rows of `raw_shortcuts`; withdrawals are passed over.
        workers: Processes to use.
        progress: Called with 1 for every finished row.

    Returns:
        Rows of `transcribed_workflows` and of `transcribed_workflows_dropped`, sorted by key.
    """
    present = raw.filter(~pl.col("is_withdrawn")).sort("raw_id")
    rows = present.drop("payload").to_dicts()
    kept, dropped = [], []
    for index, outcome in transcribe_payloads(present["payload"].to_list(), workers=workers):
        outcome = _proven(outcome)
        if isinstance(outcome, Transcribed):
            kept.append(_row(rows[index], outcome))
        else:
            dropped.append(_dropped_row(rows[index], outcome))
        if progress is not None:
            progress(1)
    return (
        TRANSCRIBED_WORKFLOWS.frame(kept).sort(TRANSCRIBED_WORKFLOWS.key),
        TRANSCRIBED_WORKFLOWS_DROPPED.frame(dropped).sort(TRANSCRIBED_WORKFLOWS_DROPPED.key),
    )


def _proven(outcome: Outcome) -> Outcome:
    """A transcription whose proof failed is refused: the dataset holds proven programs only."""
    if isinstance(outcome, Refused) or outcome.transcription.round_trip:
        return outcome
    done = outcome.transcription
    detail = (
        f"the program compiles to {done.round_trip_id}, not {done.workflow_id}; please report this shortcut"
    )
    return Refused("round_trip_failed", detail)


def _row(raw: dict[str, object], outcome: Transcribed) -> dict[str, object]:
    done = outcome.transcription
    return {
        **{name: raw[name] for name in ("raw_id", "scrape", "title", "description", "categories")},
        "workflow_id": done.workflow_id,
        "code": encodable(done.code),
        "apis": [encodable(api) for api in done.apis],
        "n_actions": done.n_actions,
        "n_conditionals": done.n_conditionals,
        "n_loops": done.n_loops,
        "nesting_depth": done.nesting_depth,
        "tokens": [encodable(token) for token in done.tokens],
        "variables": orjson.dumps({encodable(k): encodable(v) for k, v in done.variables.items()}).decode(),
        "repairs": done.repairs,
        "signed_by": outcome.signed_by,
        "parses": True,
        "round_trip": done.round_trip,
        "round_trip_id": done.round_trip_id,
    }


def _dropped_row(raw: dict[str, object], outcome: Refused) -> dict[str, object]:
    return {
        "row_id": raw["raw_id"],
        "title": raw["title"],
        "stage": TRANSCRIBED_WORKFLOWS.name,
        "rule": outcome.reason,
        "detail": outcome.detail,
        "threshold": outcome.threshold,
        "observed": outcome.observed,
    }


def encodable(text: str) -> str:
    r"""The text with lone surrogates, which no UTF-8 file can hold, written as `\\udc00`."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
