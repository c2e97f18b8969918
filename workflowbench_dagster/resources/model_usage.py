"""What a model was asked in a run, for people: figures for each part of a table, and lines in the log."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from workflowbench.llm.prices import Tariff
from workflowbench.llm.questions import Answer, Model, NoAnswer, Question
from workflowbench.llm.usage import Usage
from workflowbench_dagster.resources.progress_log import LOG_SECONDS

ASKED_AGAIN = ("not_in_ledger", "over_budget", "rejected", "unavailable")
"""Rules of questions without an answer that the next run asks again; the others are answered for good."""


@dataclass(slots=True)
class PartUsage:
    """What the questions about one part of a table took.

    Attributes:
        questions: Questions that have ended.
        replayed: Those whose answer came from the ledger alone.
        failures: Those without an answer, by rule.
        prompt_tokens: Tokens of the requests that led to answers, replayed ones included.
        completion_tokens: Tokens of these answers.
        paid_tokens: Tokens of requests and of answers that were not replayed.

    """

    questions: int = 0
    replayed: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    paid_tokens: tuple[int, int] = (0, 0)

    def ended(self, outcome: Answer | NoAnswer) -> None:
        """Count a question that has ended."""
        self.questions += 1
        if isinstance(outcome, NoAnswer):
            self.failures[outcome.rule] += 1
            return
        self.prompt_tokens += outcome.prompt_tokens
        self.completion_tokens += outcome.completion_tokens
        if outcome.is_replayed:
            self.replayed += 1
        else:
            prompt, completion = self.paid_tokens
            self.paid_tokens = (prompt + outcome.prompt_tokens, completion + outcome.completion_tokens)

    def figures(self, tariff: Tariff) -> dict[str, Any]:
        """The counts as numbers, which the UI plots over partitions and time."""
        cost = tariff.cost(*self.paid_tokens)
        return {
            "questions": self.questions,
            "replayed_share": self.replayed / self.questions if self.questions else 0.0,
            "failed": sum(self.failures.values()),
            **{f"failed_{rule}": count for rule, count in sorted(self.failures.items())},
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            **({} if cost is None else {"cost": float(cost)}),
        }


class MeteredModel:
    """A model that counts what its questions took, by the part of the table that they are about.

    Args:
        model: The model that is asked.
        part_of: From the id of a question to the part.

    """

    def __init__(self, model: Model, part_of: Callable[[str], str]) -> None:
        self._model = model
        self._part_of = part_of
        self.parts: dict[str, PartUsage] = {}

    @property
    def name(self) -> str:
        """Model and revision, as rows that it wrote name it."""
        return self._model.name

    def ask(self, questions: Iterable[Question]) -> Iterator[Answer | NoAnswer]:
        """Ask every question, in order."""
        for outcome in self._model.ask(questions):
            self.parts.setdefault(self._part_of(outcome.id), PartUsage()).ended(outcome)
            yield outcome


class UsageLog:
    """Writes a line about the usage now and then.

    Args:
        write: Takes a line.
        seconds: Seconds between two lines.

    """

    def __init__(self, write: Callable[[str], object], seconds: float = LOG_SECONDS) -> None:
        self._write = write
        self._seconds = seconds
        self._last = time.monotonic()

    def __call__(self, usage: Usage) -> None:
        """Write a line if enough time has passed."""
        now = time.monotonic()
        if now - self._last >= self._seconds:
            self._last = now
            self._write(summary_line(usage))


def summary_line(usage: Usage) -> str:
    """Return the usage in a line."""
    figures = usage.summary()
    cost = "" if figures["cost"] is None else f", {figures['cost']:.4f} in money"
    return (
        f"{figures['model']}: {figures['questions']:,} questions, {figures['replayed']:,} of them replayed,"
        f" {figures['failed']:,} without an answer; {figures['requests']:,} requests,"
        f" {figures['prompt_tokens'] + figures['completion_tokens']:,} tokens{cost}"
    )


def run_figures(usage: Usage) -> dict[str, Any]:
    """Return the usage of a whole run as metadata; what is unknown is left out."""
    figures = {name: value for name, value in usage.summary().items() if value not in (None, {})}
    return {f"run_{name}": value for name, value in figures.items()}


def to_ask_again(usage: Usage) -> int:
    """Return how many questions the next run asks again."""
    return sum(usage.failures[rule] for rule in ASKED_AGAIN)
