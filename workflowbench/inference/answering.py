"""The run of an inference job: every request goes through the engine, every answer is filed at once."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Protocol

from workflowbench.inference.job import InferenceJob
from workflowbench.inference.lines import AnswerFile, BadRequestError, Completion, RequestLine
from workflowbench.training.progress import Progress

REPORT_SECONDS = 2.0
"""Time between two reports of progress."""


class EngineDiedError(Exception):
    """The engine ended or stalled; what was answered is on disk, and a new run goes on from there."""


class Engine(Protocol):
    """A model that answers requests."""

    last_token_at: float
    """When the engine last wrote a token, by the monotonic clock."""

    async def answer(self, request: RequestLine) -> Completion:
        """Answer a request.

        Raises:
            BadRequestError: this request cannot be answered.
            EngineDiedError: no request can.

        """


async def answer_all(
    job: InferenceJob, engine: Engine, requests: list[RequestLine], answers: AnswerFile, progress: Progress
) -> dict[str, Any]:
    """Answer what is not yet on disk.

    Returns:
        Counts and rates of this run.

    Raises:
        EngineDiedError: the engine ended, or wrote no token for `stall_seconds`.

    """
    open_requests = iter([request for request in requests if request.custom_id not in answers.answered])
    counts: Counter[str] = Counter()
    started = engine.last_token_at = time.monotonic()

    def figures() -> dict[str, Any]:
        seconds = time.monotonic() - started
        rate = round(counts["completion_tokens"] / seconds, 1) if seconds else 0.0
        n_replayed = len(answers.answered)
        return {"n_requests": len(requests), "n_on_disk": n_replayed, **counts, "tokens_per_second": rate}

    async def report() -> None:
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            progress("answering", **figures())

    workers = [_work(engine, open_requests, answers, counts) for _ in range(job.in_flight)]
    await _first_to_end(asyncio.gather(*workers), _watch(engine, job.stall_seconds), report())
    return figures()


async def _work(
    engine: Engine, requests: Iterator[RequestLine], answers: AnswerFile, counts: Counter[str]
) -> None:
    for request in requests:
        try:
            completion = await engine.answer(request)
        except BadRequestError as error:
            counts["n_failed"] += 1
            answers.write_error(request.custom_id, str(error))
            continue
        answers.write(request.custom_id, completion)
        counts["n_answered"] += 1
        for name in ("prompt_tokens", "completion_tokens", "cached_tokens"):
            counts[name] += getattr(completion, name)


async def _watch(engine: Engine, stall_seconds: float) -> None:
    while True:
        await asyncio.sleep(min(1.0, stall_seconds / 2))
        silence = time.monotonic() - engine.last_token_at
        if silence > stall_seconds:
            raise EngineDiedError(f"The engine wrote no token for {silence:.0f} s.")


async def _first_to_end(*jobs: Any) -> None:
    """Wait for the first to end, stop the others, and raise what it raised."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
