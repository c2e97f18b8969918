"""Work on many files in several processes; one bad file costs its own result and nothing else."""

import os
import resource
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TypeVar

from loky import ProcessPoolExecutor

from workflowbench.shortcuts.rejection import RejectedShortcut

CHUNK_ITEMS = 16
SEQUENTIAL_ITEMS = 256
"""Up to this many items, starting processes takes longer than the work."""
MAX_SECONDS = 30
"""A file that takes longer is refused; the largest real ones take about a second."""
MAX_WORKER_BYTES = 4 * 2**30
"""Address space of a worker process; what needs more fails alone."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file became no workflow: rule, explanation with remedy, limit and observed value."""

    reason: str
    detail: str
    threshold: float | None = None
    observed: float | None = None


def refusal_of(error: Exception) -> Refused:
    """What an exception means for the file that raised it; of an unforeseen one, no text is repeated."""
    if isinstance(error, RejectedShortcut):
        return Refused(error.reason, error.detail, error.threshold, error.observed)
    if isinstance(error, TimeoutError):
        return Refused(
            "too_slow", "transcribing it took too long; the file is not a usable shortcut", MAX_SECONDS
        )
    if isinstance(error, OSError):
        return Refused("unreadable_file", f"{error.strerror or error}; check the file's permissions")
    if isinstance(error, (MemoryError, RecursionError)):
        return Refused(
            "too_large", f"reading it ran into a {type(error).__name__}; the file is not a usable shortcut"
        )
    return Refused("internal_error", f"{_raised_at(error)}; please report this shortcut")


def _raised_at(error: Exception) -> str:
    """The type of an exception and the place that raised it; its message may repeat what the file holds."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    name = type(error).__name__
    return f"{name} in {place.tb_frame.f_code.co_qualname}, line {place.tb_lineno}" if place else name


def work_on_all(
    items: Sequence[Item], work: Callable[[Item], Result], *, workers: int | None = None
) -> Iterator[tuple[int, Result | Refused]]:
    """Yield index and result of each item as they are done, in no fixed order.

    Args:
        items: What to work on; can be pickled.
        work: A function of a module; it turns every exception of its own into a result.
        workers: Processes to use; by default one per core, and none for a few items.
    """
    workers = workers or os.cpu_count() or 1
    if workers == 1 or len(items) <= SEQUENTIAL_ITEMS:
        for index, item in enumerate(items):
            yield index, work(item)
        return
    chunks = [
        range(start, min(start + CHUNK_ITEMS, len(items))) for start in range(0, len(items), CHUNK_ITEMS)
    ]
    unfinished = yield from _run_chunks(items, work, chunks, workers)
    for chunk in unfinished:
        for index in chunk:
            yield from _run_alone(items, work, index)


def _run_chunks(
    items: Sequence[Item], work: Callable[[Item], Result], chunks: list[range], workers: int
) -> Generator[tuple[int, Result | Refused], None, list[range]]:
    """Run chunks side by side; returns those that a dying process took with it."""
    unfinished = []
    with _pool(workers) as pool:
        running: dict[Future[list[Result]], range] = {}
        waiting = iter(chunks)
        broken = False
        while True:
            while not broken and len(running) < 2 * workers and (chunk := next(waiting, None)) is not None:
                try:
                    running[pool.submit(_work_on_chunk, work, [items[index] for index in chunk])] = chunk
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


def _run_alone(
    items: Sequence[Item], work: Callable[[Item], Result], index: int
) -> Iterator[tuple[int, Result | Refused]]:
    """Run one item in a process of its own.

    Raises:
        BrokenProcessPool: No process can be started at all, so that no file is to blame.
    """
    with _pool(1) as pool:
        pool.submit(os.getpid).result()
        try:
            yield index, pool.submit(_work_on_chunk, work, [items[index]]).result()[0]
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


def _work_on_chunk(work: Callable[[Item], Result], items: list[Item]) -> list[Result]:
    results = []
    for item in items:
        with _time_limit():
            results.append(work(item))
    return results
