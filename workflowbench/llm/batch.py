"""A model behind OpenAI's batch interface: cheaper, within a day, and safe to interrupt."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Self

from workflowbench.llm.batch_jobs import Jobs
from workflowbench.llm.batch_rounds import BatchRounds
from workflowbench.llm.batch_service import BatchService, BatchSettings
from workflowbench.llm.budget import Budget
from workflowbench.llm.estimates import Forecast, forecast
from workflowbench.llm.ledger import Ledger
from workflowbench.llm.prices import PriceTable
from workflowbench.llm.questions import Answer, NoAnswer, Question
from workflowbench.llm.replay import Pending, advance, replay
from workflowbench.llm.requests import Request
from workflowbench.llm.usage import Progress, Usage

Outcome = Answer | NoAnswer


class BatchModel:
    """Asks in batches what the ledger does not know. Use it in a `with` block, or call `close`.

    Args:
        settings: The server.
        ledger: Where all responses are kept.
        folder: Where submitted batches are remembered; keep it between runs.
        budget: What may be used up; none is no limit. A batch counts for the run that submitted it.
        prices: Price table; the one of the package where it is left out.
        progress: Is told of the usage while batches are waited for.

    """

    def __init__(
        self,
        settings: BatchSettings,
        ledger: Ledger,
        folder: Path,
        *,
        budget: Budget | None = None,
        prices: PriceTable | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._jobs = Jobs(folder)
        self._budget = budget or Budget()
        self._progress = progress
        self._tariff = (prices or PriceTable.read()).tariff(settings.model, is_batch=True)
        self.usage = Usage(settings.name, self._tariff)
        self._service = BatchService(settings)

    @property
    def name(self) -> str:
        """Model and revision, as rows that it wrote name it."""
        return self._settings.name

    def ask(self, questions: Iterable[Question]) -> Iterator[Outcome]:
        """Ask every question; answers come in the order of the questions, each exactly once.

        Closing the iterator, or a kill, leaves submitted batches where they are: the next run collects them.

        Raises:
            ServerError: the server fails or is not done in time; what it answered is in the ledger.
            LedgerError: the ledger cannot be read or written.

        """
        rest = iter(questions)
        with self._jobs.locked():
            while part := list(islice(rest, self._settings.questions_at_once)):
                for outcome in self._ask_part(part):
                    self.usage.ended(outcome)
                    yield outcome

    def price_of(self, questions: Iterable[Question]) -> Forecast:
        """What asking these questions would take; nothing is asked."""
        return forecast(questions, self._settings, self._ledger, self._tariff)

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask_part(self, questions: list[Question]) -> list[Outcome]:
        steps: list[Outcome | Pending] = [replay(each, self._settings, self._ledger) for each in questions]
        rounds = BatchRounds(
            self._settings, self._service, self._jobs, self._ledger, self.usage, self._budget, self._tariff
        )
        while requests := {step.request.key: step.request for step in steps if isinstance(step, Pending)}:
            rounds.run(requests, self._report)
            steps = [self._next(step, rounds) if isinstance(step, Pending) else step for step in steps]
        return [step for step in steps if not isinstance(step, Pending)]

    def _next(self, pending: Pending, rounds: BatchRounds) -> Outcome | Pending:
        failure = rounds.failures.get(pending.request.key)
        if failure is not None:
            return NoAnswer(pending.question.id, failure.rule, failure.detail)
        entry = self._ledger.find(pending.request.key)
        if entry is None:
            return pending
        step = advance(pending.question, pending.dialogue, entry, is_replayed=False)
        return replace(pending, request=step) if isinstance(step, Request) else step

    def _report(self) -> None:
        if self._progress is not None:
            self._progress(self.usage)
