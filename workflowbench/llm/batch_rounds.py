"""Rounds of batches: each brings responses into the ledger, and leaves what must go into another one."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from openai.types import Batch

from workflowbench.llm.batch_jobs import Job, Jobs
from workflowbench.llm.batch_service import BatchService, BatchSettings
from workflowbench.llm.budget import Budget, Reservation
from workflowbench.llm.failures import BUSY, ServerError, UnanswerableError, is_over_context
from workflowbench.llm.ledger import Entry, Ledger
from workflowbench.llm.prices import Tariff
from workflowbench.llm.replies import BadReplyError, Reply
from workflowbench.llm.requests import Request
from workflowbench.llm.results import Result
from workflowbench.llm.usage import Usage


class BatchRounds:
    """Gets requests answered by batches.

    Args:
        settings: The server.
        service: Its calls.
        jobs: Batches that were submitted, by this run or an earlier one.
        ledger: Where responses are stored.
        usage: Where they are counted.
        budget: What may be used up.
        tariff: What the model costs.

    Attributes:
        failures: Why a request gets no response, by key.

    """

    def __init__(
        self,
        settings: BatchSettings,
        service: BatchService,
        jobs: Jobs,
        ledger: Ledger,
        usage: Usage,
        budget: Budget,
        tariff: Tariff,
    ) -> None:
        self.failures: dict[str, UnanswerableError] = {}
        self._settings = settings
        self._service = service
        self._jobs = jobs
        self._ledger = ledger
        self._usage = usage
        self._budget = budget
        self._tariff = tariff
        self._reserved: dict[str, Reservation] = {}
        self._tries: Counter[str] = Counter()

    def run(self, requests: Mapping[str, Request], report: Callable[[], None]) -> None:
        """Submit what no batch holds yet, and collect all batches of these requests.

        After it each request, by its key, has an entry or a failure, or belongs into the next round.

        Raises:
            ServerError: the server fails, refuses a batch or is not done in time.

        """
        jobs = [job for job in self._jobs.open() if not requests.keys().isdisjoint(job.requests)]
        under_way = {key for job in jobs for key in job.requests}
        fresh = [request for key, request in requests.items() if key not in under_way]
        jobs = [self._with_batch(job) for job in jobs]
        jobs += [self._submit(part) for part in self._parts(self._affordable(fresh))]
        for job in jobs:
            self._collect(job, report)

    def _affordable(self, requests: Iterable[Request]) -> Iterator[Request]:
        for request in requests:
            reservation = self._budget.reserve(request)
            if reservation is not None:
                self._reserved[request.key] = reservation
                yield request
            elif not self._budget.is_waiting:
                detail = f"The budget does not allow another request: {self._budget.standing()}."
                self.failures[request.key] = UnanswerableError("over_budget", f"{detail} Raise it.")

    def _parts(self, requests: Iterable[Request]) -> Iterator[list[Request]]:
        part: list[Request] = []
        size = 0
        for request in requests:
            length = len(request.line())
            if part and (len(part) == self._settings.max_lines or size + length > self._settings.max_bytes):
                yield part
                part, size = [], 0
            part.append(request)
            size += length
        if part:
            yield part

    def _submit(self, part: list[Request]) -> Job:
        with tempfile.TemporaryFile() as file:
            file.writelines(request.line() for request in part)
            file.seek(0)
            file_id = self._service.upload(file)
        job = Job.prepared(part, file_id)
        self._jobs.save(job)
        return self._created(job, self._service.create(file_id))

    def _with_batch(self, job: Job) -> Job:
        if job.batch_id is not None:
            return job
        found = self._service.find(job.file_id, job.prepared_at)
        return self._created(job, found or self._service.create(job.file_id))

    def _created(self, job: Job, batch_id: str) -> Job:
        created = job.created(batch_id)
        self._jobs.save(created)
        return created

    def _collect(self, job: Job, report: Callable[[], None]) -> None:
        assert job.batch_id is not None
        batch = self._service.finished(job.batch_id, report)
        missing = dict(job.requests)
        for result in self._results(batch):
            if result.key in missing and self._record(result, *missing[result.key]):
                del missing[result.key]
        for key in missing:
            self._unanswered(key)
        self._jobs.remove(job)
        if batch.status == "failed":
            raise ServerError(f"The server refuses a batch: {_reasons(batch)}")

    def _results(self, batch: Batch) -> Iterator[Result]:
        for file_id in (batch.output_file_id, batch.error_file_id):
            for line in self._service.lines(file_id) if file_id else ():
                result = Result.of(line)
                if result is not None:
                    yield result

    def _record(self, result: Result, prompt: str, size: int) -> bool:
        """Store what a line says; whether the request needs no other one."""
        if result.status == 200:
            return self._record_reply(result, prompt, size)
        said = self._settings.without_key(str(result.body))[:500]
        if is_over_context(said):
            response = {"error": f"The prompt does not fit the model's context: {said}"}
            self._ledger.store(result.key, self._entry(400, response, prompt, size))
        elif 400 <= result.status < 500 and result.status not in BUSY:
            self.failures[result.key] = UnanswerableError("rejected", f"HTTP {result.status}: {said}")
        else:
            return False
        self._settle(result.key, None)
        return True

    def _record_reply(self, result: Result, prompt: str, size: int) -> bool:
        try:
            reply = Reply.of(result.body)
        except BadReplyError:
            return False
        self._ledger.store(result.key, self._entry(200, result.body, prompt, size))
        self._settle(result.key, reply)
        self._usage.answered(reply, None)
        return True

    def _unanswered(self, key: str) -> None:
        self._settle(key, None)
        self._tries[key] += 1
        self._usage.retried("batch line")
        if self._tries[key] >= self._settings.max_attempts:
            detail = f"No answer in {self._tries[key]} batches. Run the stage again."
            self.failures[key] = UnanswerableError("unavailable", detail)

    def _settle(self, key: str, reply: Reply | None) -> None:
        reservation = self._reserved.pop(key, None)
        if reservation is None:
            return
        if reply is None:
            self._budget.release(reservation)
        elif not reply.is_metered:
            self._budget.forfeit(reservation)
        else:
            self._budget.settle(reservation, reply.prompt_tokens, reply.completion_tokens)

    def _entry(self, status: int, response: dict[str, Any], prompt: str, size: int) -> Entry:
        return Entry(
            status=status,
            response=response,
            model=self._settings.name,
            prompt=prompt,
            request_bytes=size,
            asked_at=datetime.now(UTC).isoformat(timespec="seconds"),
            price_version=self._tariff.version if self._tariff.price else None,
        )


def _reasons(batch: Batch) -> str:
    errors = batch.errors.data if batch.errors and batch.errors.data else []
    return "; ".join(f"{error.code}: {error.message}" for error in errors)[:500] or "it gives no reason"
