"""What questions will take before they are asked: tokens by a rule of thumb or by the ledger, and money."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from workflowbench.llm.ledger import Ledger
from workflowbench.llm.prices import Tariff
from workflowbench.llm.questions import Question
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


def forecast(
    questions: Iterable[Question], settings: RequestSettings, ledger: Ledger, tariff: Tariff
) -> Forecast:
    """Price questions without asking them."""
    estimate = TokenEstimate.calibrated(ledger, settings.name)
    asked = replayed = prompt_tokens = completion_tokens = most = 0
    requests: set[str] = set()
    for question in questions:
        asked += 1
        step = replay(question, settings, ledger)
        if not isinstance(step, Pending):
            replayed += 1
        elif step.request.key not in requests:
            requests.add(step.request.key)
            prompt_tokens += estimate.prompt_tokens(step.request)
            completion_tokens += estimate.completion_tokens(step.request)
            most += step.request.max_tokens
    return Forecast(
        questions=asked,
        replayed=replayed,
        requests=len(requests),
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        completion_tokens_most=most,
        cost=tariff.cost(prompt_tokens, completion_tokens),
        cost_most=tariff.cost(prompt_tokens, most),
        currency=tariff.currency,
        price_version=tariff.version,
        sample=estimate.sample,
    )
