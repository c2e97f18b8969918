"""What questions will take before they are asked: tokens by a rule of thumb or by the ledger, and money."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from workflowbench.llm.ledger import Ledger
from workflowbench.llm.prices import Tariff
from workflowbench.llm.questions import NoAnswer, Question
from workflowbench.llm.replay import Pending, replay
from workflowbench.llm.replies import Reply
from workflowbench.llm.requests import Request, RequestSettings

BYTES_PER_TOKEN = 3.5
"""Bytes of a request body per token: English takes about 4, code and JSON about 3."""

CALIBRATION_ENTRIES = 1000
"""Newest entries of the ledger that a calibration looks at."""


@dataclass(frozen=True, slots=True)
class TokenEstimate:
    """Estimates tokens.

    Attributes:
        bytes_per_token: Bytes of a request body per token.
        answers: Mean tokens of an answer, by prompt template.
        sample: Responses that the figures come from; 0 is the rule of thumb.

    """

    bytes_per_token: float = BYTES_PER_TOKEN
    answers: Mapping[str, float] = field(default_factory=dict)
    sample: int = 0

    @classmethod
    def calibrated(cls, ledger: Ledger, model: str) -> Self:
        """Take the figures from the newest responses of a model that name their usage, if there are any."""
        size = tokens = sample = 0
        answers: dict[str, list[int]] = defaultdict(list)
        for entry in ledger.newest(CALIBRATION_ENTRIES):
            reply = Reply.of(entry.response) if entry.model == model and entry.status == 200 else None
            if reply is None or not reply.prompt_tokens:
                continue
            size, tokens, sample = size + entry.request_bytes, tokens + reply.prompt_tokens, sample + 1
            answers[entry.prompt].append(reply.completion_tokens)
        if not sample:
            return cls()
        means = {prompt: sum(counts) / len(counts) for prompt, counts in answers.items()}
        return cls(size / tokens, means, sample)

    def prompt_tokens(self, request: Request) -> int:
        """Tokens of a request."""
        return round(len(request.content) / self.bytes_per_token)

    def completion_tokens(self, request: Request) -> int:
        """Tokens of its answer; where the ledger knows none to this prompt, the most that are allowed."""
        return round(min(request.max_tokens, self.answers.get(request.prompt, request.max_tokens)))


@dataclass(frozen=True, slots=True)
class Forecast:
    """What it would take to ask questions now; answers that must be asked for again are not foreseen.

    Attributes:
        questions: Number of questions.
        replayed: Questions whose answer the ledger holds.
        requests: Requests to be sent.
        prompt_tokens: Their tokens, estimated.
        completion_tokens: Tokens of the answers, estimated.
        completion_tokens_most: Tokens of the answers if each is as long as it may be.
        cost: Money for the estimated tokens; None if the model has no price.
        cost_most: The same if each answer is as long as it may be.
        currency: Currency of both.
        price_version: Version of the price table.
        sample: Responses in the ledger that the estimate rests on; 0 is a rule of thumb.

    """

    questions: int
    replayed: int
    requests: int
    prompt_tokens: int
    completion_tokens: int
    completion_tokens_most: int
    cost: Decimal | None
    cost_most: Decimal | None
    currency: str
    price_version: str
    sample: int

    def summary(self) -> dict[str, Any]:
        """The figures as plain values, for metadata."""
        figures = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: float(value) if isinstance(value, Decimal) else value for name, value in figures.items()
        }


class Forecaster:
    """Prices questions one by one, without asking or keeping them.

    Args:
        settings: What requests say.
        ledger: The ledger: what it answers is free, and its responses calibrate the estimate.
        tariff: What the model costs.

    """

    def __init__(self, settings: RequestSettings, ledger: Ledger, tariff: Tariff) -> None:
        self._settings = settings
        self._ledger = ledger
        self._tariff = tariff
        self._estimate = TokenEstimate.calibrated(ledger, settings.name)
        self._requests: set[str] = set()
        self._questions = self._replayed = self._prompt_tokens = self._completion_tokens = self._most = 0

    def add(self, question: Question) -> None:
        """Price one more question."""
        self._questions += 1
        step = replay(question, self._settings, self._ledger)
        if not isinstance(step, Pending):
            self._replayed += 1
        elif step.request.key not in self._requests:
            self._requests.add(step.request.key)
            self._prompt_tokens += self._estimate.prompt_tokens(step.request)
            self._completion_tokens += self._estimate.completion_tokens(step.request)
            self._most += step.request.max_tokens

    def forecast(self) -> Forecast:
        """What the questions so far would take."""
        return Forecast(
            questions=self._questions,
            replayed=self._replayed,
            requests=len(self._requests),
            prompt_tokens=self._prompt_tokens,
            completion_tokens=self._completion_tokens,
            completion_tokens_most=self._most,
            cost=self._tariff.cost(self._prompt_tokens, self._completion_tokens),
            cost_most=self._tariff.cost(self._prompt_tokens, self._most),
            currency=self._tariff.currency,
            price_version=self._tariff.version,
            sample=self._estimate.sample,
        )


class PricingModel:
    """Takes the place of a model to price what a stage would ask: it answers nothing.

    Args:
        settings: What requests of the model say.
        ledger: The ledger.
        tariff: What the model costs.

    """

    def __init__(self, settings: RequestSettings, ledger: Ledger, tariff: Tariff) -> None:
        self._settings = settings
        self._forecaster = Forecaster(settings, ledger, tariff)

    @property
    def name(self) -> str:
        """Model and revision that would be asked."""
        return self._settings.name

    @property
    def forecast(self) -> Forecast:
        """What the questions so far would take."""
        return self._forecaster.forecast()

    def price(self, questions: Iterable[Question]) -> None:
        """Price every question."""
        for question in questions:
            self._forecaster.add(question)

    def ask(self, questions: Iterable[Question]) -> Iterator[NoAnswer]:
        """Price every question, and say that it was not asked."""
        for question in questions:
            self._forecaster.add(question)
            yield NoAnswer(question.id, "not_asked", "Questions are priced, and none is asked.")


def forecast(
    questions: Iterable[Question], settings: RequestSettings, ledger: Ledger, tariff: Tariff
) -> Forecast:
    """Price questions without asking them."""
    forecaster = Forecaster(settings, ledger, tariff)
    for question in questions:
        forecaster.add(question)
    return forecaster.forecast()
