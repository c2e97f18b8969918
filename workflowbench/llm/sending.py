"""One request until its response is in the ledger: attempts, pauses, limits, budget."""

import asyncio
import itertools
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from weakref import WeakValueDictionary

import httpx2
import openai
import orjson

from workflowbench.llm.budget import Budget, Reservation
from workflowbench.llm.connections import Clients, ConnectionSettings
from workflowbench.llm.estimates import TokenEstimate
from workflowbench.llm.failures import Failure, ServerError, UnanswerableError, failure_of
from workflowbench.llm.ledger import Entry, Ledger
from workflowbench.llm.pacing import Breaker, Concurrency, Rate
from workflowbench.llm.prices import Tariff
from workflowbench.llm.replies import BadReplyError, Reply
from workflowbench.llm.requests import Request
from workflowbench.llm.usage import Usage

MAX_PAUSE = 60.0
"""Most seconds between two attempts, unless the server asks for more."""

BUDGET_PAUSE = 0.1
"""Seconds between two looks at a budget whose rest is reserved by requests in flight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings(ConnectionSettings):
    """A server that speaks OpenAI's chat completions, and how to treat it.

    Attributes:
        max_in_flight: Most requests in flight.
        timeout_s: Seconds for one attempt, from sending to the last byte.
        deadline_s: Seconds for all attempts of a request and the pauses between them.
        max_attempts: Attempts of a request; an answer of 429 uses up none.
        backoff_s: Longest first pause between attempts; it doubles from one to the next.
        requests_per_minute: Limit on requests; None is none.
        tokens_per_minute: Limit on tokens, estimated; None is none.
        outage_questions: Questions that fail in a row until only single requests go out.
        outage_s: Seconds without an answer after which the server counts as down.

    """

    max_in_flight: int = 64
    timeout_s: float = 120.0
    deadline_s: float = 600.0
    max_attempts: int = 6
    backoff_s: float = 0.5
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    outage_questions: int = 20
    outage_s: float = 60.0


class Sender:
    """Sends requests and stores their responses. It belongs to one event loop.

    Args:
        settings: The server.
        ledger: Where responses are stored.
        usage: Where they are counted.
        budget: What may be used up.
        tariff: What the model costs.

    """

    def __init__(
        self,
        settings: ServerSettings,
        ledger: Ledger,
        usage: Usage,
        budget: Budget,
        tariff: Tariff,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._usage = usage
        self._budget = budget
        self._tariff = tariff
        self._estimate = TokenEstimate.calibrated(ledger, settings.name)
        self._clients = Clients(settings, settings.max_in_flight, settings.timeout_s)
        self._concurrency = Concurrency(settings.max_in_flight)
        self._breaker = Breaker(settings.outage_questions, settings.outage_s)
        self._requests = Rate(settings.requests_per_minute)
        self._tokens = Rate(settings.tokens_per_minute)
        self._same: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._has_answered = False
        self._rejections = 0

    async def fetch(self, request: Request) -> tuple[Entry, bool]:
        """The entry of a request, and whether the ledger had it already. Equal requests are sent once.

        Raises:
            UnanswerableError: this request gets no response.
            ServerError: no request does.

        """
        async with self._same.setdefault(request.key, asyncio.Lock()):
            known = self._ledger.find(request.key)
            if known is not None:
                return known, True
            return await self._send(request), False

    async def close(self) -> None:
        """Close the connections."""
        await self._clients.close()

    async def _send(self, request: Request) -> Entry:
        attempts, spent = 0, 0.0
        for number in itertools.count(1):
            outcome, seconds = await self._attempt(request)
            if isinstance(outcome, Entry):
                return outcome
            attempts += not outcome.is_rate_limit
            pause = self._pause(number, outcome)
            spent += seconds + pause
            if attempts >= self._settings.max_attempts or spent > self._settings.deadline_s:
                raise self._given_up(request, outcome, number)
            self._usage.retried(outcome.cause)
            await asyncio.sleep(pause)
        raise AssertionError("counting ends nowhere")

    async def _attempt(self, request: Request) -> tuple[Entry | Failure, float]:
        async with self._breaker.turn(), self._concurrency:
            await self._concurrency.pause()
            await self._requests.take(1)
            estimate = self._estimate.prompt_tokens(request) + request.max_tokens
            await self._tokens.take(estimate)
            reservation = await self._reserve(request)
            started = time.monotonic()
            try:
                response = await self._post(request)
            except asyncio.CancelledError:
                self._budget.forfeit(reservation)
                raise
            except (openai.OpenAIError, TimeoutError, BadReplyError) as error:
                return self._failed(request, error, reservation), time.monotonic() - started
            seconds = time.monotonic() - started
            return self._answered(request, response, reservation, estimate, seconds), seconds

    async def _reserve(self, request: Request) -> Reservation:
        while (reservation := self._budget.reserve(request)) is None:
            if not self._budget.is_waiting:
                detail = f"The budget does not allow another request: {self._budget.standing()}."
                raise UnanswerableError("over_budget", f"{detail} Raise it and run again.")
            await asyncio.sleep(BUDGET_PAUSE)
        return reservation

    async def _post(self, request: Request) -> dict[str, Any]:
        async with asyncio.timeout(self._settings.timeout_s):
            with self._clients.take() as client, _unreadable_as_bad_reply():
                response = await client.post(
                    "/chat/completions",
                    cast_to=httpx2.Response,
                    content=request.content,
                    options={"headers": {"Content-Type": "application/json"}},
                )
        try:
            body = orjson.loads(self._settings.without_secret(response.content))
        except orjson.JSONDecodeError as error:
            raise BadReplyError(f"The response is not JSON: {error}.") from None
        Reply.of(body)
        return cast(dict[str, Any], body)

    def _answered(
        self,
        request: Request,
        response: dict[str, Any],
        reservation: Reservation,
        estimate: int,
        seconds: float,
    ) -> Entry:
        reply = Reply.of(response)
        entry = self._ledger.store(request.key, self._entry(request, 200, response, seconds))
        used = (reply.prompt_tokens, reply.completion_tokens)
        if reply.is_metered:
            self._budget.settle(reservation, *used)
        else:
            self._budget.forfeit(reservation)
        self._usage.answered(reply, seconds)
        self._tokens.give_back(estimate - sum(used) if reply.is_metered else 0)
        self._concurrency.succeeded()
        self._breaker.succeeded()
        self._has_answered = True
        return entry

    def _failed(self, request: Request, error: Exception, reservation: Reservation) -> Failure:
        try:
            failure = failure_of(error, self._settings.without_key)
        except UnanswerableError as refusal:
            self._budget.release(reservation)
            self._refused(request, refusal)
            raise refusal from None
        except ServerError as fatal:
            self._budget.release(reservation)
            raise fatal from None
        if failure.may_be_paid:
            self._budget.forfeit(reservation)
        else:
            self._budget.release(reservation)
        if failure.is_overload:
            self._slow_down(failure)
        if not failure.is_rate_limit:
            self._breaker.failed(request.key, failure.detail)
        return failure

    def _refused(self, request: Request, refusal: UnanswerableError) -> None:
        if refusal.rule == "too_long":
            entry = self._entry(request, 400, {"error": refusal.detail}, None)
            self._ledger.store(request.key, entry)
            return
        self._rejections += 1
        if self._rejections >= self._settings.outage_questions and not self._has_answered:
            raise ServerError(f"The server rejects every request; check the settings: {refusal.detail}")

    def _slow_down(self, failure: Failure) -> None:
        wait = failure.retry_after or 0.0
        if wait > self._settings.deadline_s:
            raise ServerError(f"The server asks to wait {wait:.0f} s; run the stage again then.")
        self._concurrency.overloaded(wait)

    def _entry(self, request: Request, status: int, response: dict[str, Any], seconds: float | None) -> Entry:
        return Entry(
            status=status,
            response=response,
            model=self._settings.name,
            prompt=request.prompt,
            request_bytes=len(request.content),
            asked_at=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=seconds,
            price_version=self._tariff.version if self._tariff.price else None,
        )

    def _pause(self, number: int, failure: Failure) -> float:
        longest = min(MAX_PAUSE, self._settings.backoff_s * 2 ** min(number - 1, 16))
        jitter = random.uniform(longest / 2, longest)  # noqa: S311 - spreads clients, guards nothing
        return (failure.retry_after or 0.0) + jitter

    def _given_up(self, request: Request, failure: Failure, attempts: int) -> Exception:
        if failure.is_unreachable and not self._has_answered:
            return ServerError(
                f"The server {self._settings.base_url} cannot be reached: {failure.detail}. "
                "Answers so far are kept; run the stage again when it is back."
            )
        self._breaker.failed(request.key, failure.detail)
        detail = f"No answer after {attempts} attempts; last: {failure.detail}. Run the stage again."
        return UnanswerableError("unavailable", detail)


@contextmanager
def _unreadable_as_bad_reply() -> Iterator[None]:
    """A response may name an encoding that makes the client raise errors of any type."""
    try:
        yield
    except openai.OpenAIError:
        raise
    except Exception as error:
        raise BadReplyError(f"The response cannot be read ({type(error).__name__}).") from None
