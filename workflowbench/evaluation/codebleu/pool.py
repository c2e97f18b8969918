"""Scores many pairs in several processes; one bad text costs its own row and nothing else."""

import os
import resource
import signal
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from types import FrameType

from loky import ProcessPoolExecutor

from workflowbench.evaluation.codebleu.cache import FeatureCache
from workflowbench.evaluation.codebleu.comments import Comments
from workflowbench.evaluation.codebleu.modes import Mode
from workflowbench.evaluation.codebleu.pair_scoring import PairScorer, ScoredPair
from workflowbench.evaluation.codebleu.pairs import Pair
from workflowbench.evaluation.codebleu.scoring import PAPER_WEIGHTS, Weights

CHUNK_PAIRS = 32
SEQUENTIAL_PAIRS = 100
"""Up to this many pairs, starting processes takes longer than the work."""
MAX_SECONDS = 60
"""A pair that takes longer is refused; a text at the bound on size takes about 15 s."""
MAX_WORKER_BYTES = 4 * 2**30
"""Address space of a worker process; what needs more fails alone."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How pairs are scored.

    Attributes:
        mode: Which CodeBLEU is meant.
        comments: What happens to comments first.
        weights: Weights of the four parts.
        cache: Folder that keeps features between runs, if any.

    """

    mode: Mode = Mode.STABLE
    comments: Comments = Comments.STRIP
    weights: Weights = PAPER_WEIGHTS
    cache: Path | None = None

    def scorer(self) -> PairScorer:
        """A scorer with an empty memory."""
        return PairScorer(FeatureCache(self.mode, self.cache), self.comments, self.weights)


def score_pairs(
    pairs: Iterable[Pair],
    settings: Settings = Settings(),
    *,
    workers: int | None = None,
) -> Iterator[ScoredPair]:
    """Score pairs; rows come as they are done, in no fixed order. At most a few chunks are in memory at once.

    Args:
        pairs: The pairs.
        settings: How they are scored.
        workers: Processes to use; by default one per core, and none for a few pairs.

    """
    workers = workers or os.cpu_count() or 1
    waiting = iter(pairs)
    first = list(islice(waiting, SEQUENTIAL_PAIRS + 1))
    if workers == 1 or len(first) <= SEQUENTIAL_PAIRS:
        yield from map(settings.scorer(), chain(first, waiting))
        return
    chunks = _chunks(chain(first, waiting))
    while lost := (yield from _score_chunks(chunks, settings, workers)):
        for chunk in lost:
            yield from _score_apart(chunk, settings)


def _chunks(pairs: Iterator[Pair]) -> Iterator[list[Pair]]:
    while chunk := list(islice(pairs, CHUNK_PAIRS)):
        yield chunk


def _score_chunks(
    chunks: Iterator[list[Pair]], settings: Settings, workers: int
) -> Generator[ScoredPair, None, list[list[Pair]]]:
    """Score chunks side by side until none is left or a process dies; returns those that it took with it."""
    lost: list[list[Pair]] = []
    with _pool(workers, settings) as pool:
        running: dict[Future[list[ScoredPair]], list[Pair]] = {}
        while True:
            while not lost and len(running) < 2 * workers and (chunk := next(chunks, None)) is not None:
                try:
                    running[pool.submit(_score_chunk, chunk)] = chunk
                except BrokenProcessPool:
                    lost.append(chunk)
            if not running:
                return lost
            done = next(iter(wait(running, return_when=FIRST_COMPLETED).done))
            chunk = running.pop(done)
            try:
                yield from done.result()
            except BrokenProcessPool:
                lost.append(chunk)


def _score_apart(pairs: list[Pair], settings: Settings) -> Iterator[ScoredPair]:
    """Score pairs in a process of their own, by halves if it dies.

    Raises:
        BrokenProcessPool: No process can be started at all, so that no text is to blame.

    """
    with _pool(1, settings) as pool:
        pool.submit(os.getpid).result()
        try:
            yield from pool.submit(_score_chunk, pairs).result()
            return
        except BrokenProcessPool:
            pass
    if len(pairs) == 1:
        note = "worker_died: the process that scored it died"
        yield ScoredPair(pairs[0].pair_id, False, False, note=note)
        return
    for half in (pairs[: len(pairs) // 2], pairs[len(pairs) // 2 :]):
        yield from _score_apart(half, settings)


def _pool(workers: int, settings: Settings) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, initializer=_start_worker, initargs=(settings,))


class _Worker:
    """What a worker process keeps between chunks."""

    scorer: PairScorer


def _start_worker(settings: Settings) -> None:
    signal.signal(signal.SIGALRM, _out_of_time)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > MAX_WORKER_BYTES:
        resource.setrlimit(resource.RLIMIT_AS, (MAX_WORKER_BYTES, hard))
    _Worker.scorer = settings.scorer()


def _out_of_time(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError


def _score_chunk(pairs: list[Pair]) -> list[ScoredPair]:
    return [_score_in_time(pair) for pair in pairs]


def _score_in_time(pair: Pair) -> ScoredPair:
    signal.alarm(MAX_SECONDS)
    try:
        return _Worker.scorer(pair)
    except TimeoutError:
        return ScoredPair(
            pair.pair_id, False, False, note=f"too_slow: scoring took more than {MAX_SECONDS} s"
        )
    finally:
        signal.alarm(0)
