"""What a run asked, heard and paid, while it runs and after it."""

import math
import threading
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from workflowbench.llm.prices import Tariff
from workflowbench.llm.questions import Answer, NoAnswer
from workflowbench.llm.replies import Reply

Progress = Callable[["Usage"], None]
"""Is called now and then while a run goes on, in the thread that asks."""


class Usage:
    """Counts of one run; safe to share between threads.

    Attributes:
        model: Model and revision that were asked.
        questions: Questions that have ended, with an answer or without.
        replayed: Questions whose answer came from the ledger alone.
        failures: Questions without an answer, by rule.
        requests: Responses that the server gave.
        retries: Attempts that were repeated, by what had happened.
        prompt_tokens: Tokens of the requests that were answered.
        completion_tokens: Tokens of these answers.
        unmetered: Responses for which the server named no tokens; they are missing in the two counts.
        price_version: Version of the price table in force; None if the model has no price.
        cost: Money spent in the table's currency; None if the model has no price, or if a response of a
            model that is not free was unmetered.

    """

    def __init__(self, model: str, tariff: Tariff | None = None) -> None:
        self._price = tariff.price if tariff else None
        self.model = model
        self.questions = 0
        self.replayed = 0
        self.failures: Counter[str] = Counter()
        self.requests = 0
        self.retries: Counter[str] = Counter()
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.unmetered = 0
        self.price_version = tariff.version if tariff and tariff.price else None
        self.cost = Decimal(0) if self._price else None
        self._seconds = array("d")
        self._lock = threading.Lock()

    def answered(self, reply: Reply, seconds: float | None) -> None:
        """Count a response of the server."""
        with self._lock:
            self.requests += 1
            self.prompt_tokens += reply.prompt_tokens
            self.completion_tokens += reply.completion_tokens
            self.unmetered += not reply.is_metered
            if seconds is not None:
                self._seconds.append(seconds)
            self.cost = self._cost_with(reply)

    def retried(self, what: str) -> None:
        """Count an attempt that is repeated."""
        with self._lock:
            self.retries[what] += 1

    def ended(self, outcome: Answer | NoAnswer) -> None:
        """Count a question that has ended."""
        with self._lock:
            self.questions += 1
            if isinstance(outcome, NoAnswer):
                self.failures[outcome.rule] += 1
            elif outcome.is_replayed:
                self.replayed += 1

    def latency(self, percent: float) -> float | None:
        """Seconds within which `percent` of the responses came; None before the first."""
        with self._lock:
            return _percentile(sorted(self._seconds), percent)

    def summary(self) -> dict[str, Any]:
        """The counts as plain values, for metadata: integers, floats, texts and nulls."""
        return {
            "model": self.model,
            "questions": self.questions,
            "replayed": self.replayed,
            "replayed_share": self.replayed / self.questions if self.questions else None,
            "failed": sum(self.failures.values()),
            "failures": dict(sorted(self.failures.items())),
            "requests": self.requests,
            "retries": sum(self.retries.values()),
            "retries_by_cause": dict(sorted(self.retries.items())),
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "unmetered": self.unmetered,
            "cost": None if self.cost is None else float(self.cost),
            "price_version": self.price_version,
            "latency_p50_s": self.latency(50),
            "latency_p90_s": self.latency(90),
            "latency_p99_s": self.latency(99),
        }

    def _cost_with(self, reply: Reply) -> Decimal | None:
        if self.cost is None or self._price is None or not (reply.is_metered or self._price.is_free):
            return None
        return self.cost + self._price.of(reply.prompt_tokens, reply.completion_tokens)


def _percentile(values: Sequence[float], percent: float) -> float | None:
    if not values:
        return None
    return values[max(0, math.ceil(percent / 100 * len(values)) - 1)]
