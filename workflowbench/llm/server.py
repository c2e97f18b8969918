"""A model behind a server that speaks OpenAI's chat completions, asked many things at once."""

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, wait
from typing import Self

from workflowbench.llm.background import BackgroundLoop
from workflowbench.llm.budget import Budget
from workflowbench.llm.estimates import Forecast, forecast
from workflowbench.llm.failures import ServerError, UnanswerableError
from workflowbench.llm.ledger import Ledger
from workflowbench.llm.prices import PriceTable
from workflowbench.llm.questions import Answer, NoAnswer, Question
from workflowbench.llm.replay import Pending, advance, replay
from workflowbench.llm.requests import Request
from workflowbench.llm.sending import Sender, ServerSettings
from workflowbench.llm.usage import Progress, Usage

WINDOW = 8
"""Questions that are under way or wait for one before them, per request in flight."""

PROGRESS_S = 1.0
"""Seconds between two reports of progress."""

Outcome = Answer | NoAnswer


class ServerModel:
    """Asks a server what the ledger does not know. Use it in a `with` block, or call `close`.

    Args:
        settings: The server.
        ledger: Where all responses are kept.
        budget: What may be used up; none is no limit.
        prices: Price table; the one of the package where it is left out.
        progress: Is told of the usage about once a second while questions are asked.

    """

    def __init__(
        self,
        settings: ServerSettings,
        ledger: Ledger,
        *,
        budget: Budget | None = None,
        prices: PriceTable | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._budget = budget or Budget()
        self._progress = progress
        self._reported_at = time.monotonic()
        self._tariff = (prices or PriceTable.read()).tariff(settings.model)
        self.usage = Usage(settings.name, self._tariff)
        self._running: tuple[BackgroundLoop, Sender] | None = None
        self._starting = threading.Lock()

    @property
    def name(self) -> str:
        """Model and revision, as rows that it wrote name it."""
        return self._settings.name

    def ask(self, questions: Iterable[Question]) -> Iterator[Outcome]:
        """Ask every question; answers come in the order of the questions, each exactly once.

        Questions are taken as answers are given, some hundreds ahead. Closing the iterator cancels what is in
        flight.

        Raises:
            ServerError: the server is down or refuses everybody; answers so far are in the ledger.
            LedgerError: the ledger cannot be read or written.

        """
        begun: deque[Outcome | Future[Outcome]] = deque()
        try:
            for question in questions:
                begun.append(self._begin(question))
                while begun and (len(begun) > WINDOW * self._settings.max_in_flight or _is_done(begun[0])):
                    outcome = self._finish(begun[0])
                    begun.popleft()
                    yield outcome
            while begun:
                outcome = self._finish(begun[0])
                begun.popleft()
                yield outcome
        except ServerError:
            self.close()
            raise
        finally:
            for unfinished in begun:
                if isinstance(unfinished, Future):
                    unfinished.cancel()

    def price_of(self, questions: Iterable[Question]) -> Forecast:
        """What asking these questions would take; nothing is asked."""
        return forecast(questions, self._settings, self._ledger, self._tariff)

    def close(self) -> None:
        """Cancel what is in flight and close the connections."""
        with self._starting:
            if self._running is not None:
                loop, sender = self._running
                loop.cancel_all()
                loop.submit(sender.close()).result()
                loop.close()
                self._running = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self, question: Question) -> Outcome | Future[Outcome]:
        outcome = replay(question, self._settings, self._ledger)
        if not isinstance(outcome, Pending):
            return outcome
        loop, sender = self._start()
        return loop.submit(_pursue(outcome, sender))

    def _finish(self, outcome: Outcome | Future[Outcome]) -> Outcome:
        while isinstance(outcome, Future):
            wait([outcome], timeout=PROGRESS_S)
            self._report()
            if outcome.cancelled():
                raise ServerError("The model was closed while it was asked.")
            if outcome.done():
                outcome = outcome.result()
        self.usage.ended(outcome)
        self._report()
        return outcome

    def _report(self) -> None:
        now = time.monotonic()
        if self._progress is not None and now - self._reported_at >= PROGRESS_S:
            self._reported_at = now
            self._progress(self.usage)

    def _start(self) -> tuple[BackgroundLoop, Sender]:
        with self._starting:
            if self._running is None:
                sender = Sender(self._settings, self._ledger, self.usage, self._budget, self._tariff)
                self._running = (BackgroundLoop(), sender)
            return self._running


async def _pursue(pending: Pending, sender: Sender) -> Outcome:
    step: Request | Outcome = pending.request
    while isinstance(step, Request):
        try:
            entry, is_replayed = await sender.fetch(step)
        except UnanswerableError as error:
            return NoAnswer(pending.question.id, error.rule, error.detail)
        step = advance(pending.question, pending.dialogue, entry, is_replayed=is_replayed)
    return step


def _is_done(outcome: Outcome | Future[Outcome]) -> bool:
    return not isinstance(outcome, Future) or outcome.done()
