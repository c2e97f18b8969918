"""How many requests are sent at once and per minute. All classes here belong to one event loop."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from workflowbench.llm.failures import ServerError

OVERLOAD_PAUSE = 1.0
"""Seconds within which several signs of overload count as one."""


class Concurrency:
    """Slots for requests in flight: their number falls by half on overload and rises again step by step.

    Additive increase, multiplicative decrease: each success adds 1/32 of the limit per round of requests.

    Args:
        most: Slots at the start, and at most.

    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = float(most)
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._last_overload = float("-inf")
        self._resume_at = float("-inf")

    @property
    def limit(self) -> int:
        """Slots at this moment."""
        return int(self._limit)

    async def __aenter__(self) -> Self:
        if self._taken < self.limit and not self._waiting:
            self._taken += 1
            return self
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    async def pause(self) -> None:
        """Wait as long as the server asked all its clients to wait."""
        while (left := self._resume_at - time.monotonic()) > 0:
            await asyncio.sleep(left)

    def succeeded(self) -> None:
        """A request was answered."""
        self._limit = min(self._most, self._limit + self._most / 32 / self._limit)
        self._admit()

    def overloaded(self, retry_after: float = 0.0) -> None:
        """The server asked for fewer requests, perhaps for none in the next seconds, or took too long."""
        now = time.monotonic()
        self._resume_at = max(self._resume_at, now + retry_after)
        if now - self._last_overload >= OVERLOAD_PAUSE:
            self._last_overload = now
            self._limit = max(1.0, self._limit / 2)

    def _leave(self) -> None:
        self._taken -= 1
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._taken < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._taken += 1
                turn.set_result(None)


class Rate:
    """A budget that refills evenly, of requests or of tokens: a minute's worth at most, full at the start.

    Args:
        per_minute: Amount per minute; None is no limit.

    """

    def __init__(self, per_minute: float | None) -> None:
        self._per_second = None if per_minute is None else per_minute / 60
        self._most = per_minute or 0.0
        self._left = self._most
        self._updated = time.monotonic()

    async def take(self, amount: float) -> None:
        """Wait until the amount is there and take it; more than a minute's worth counts as that."""
        if self._per_second is None:
            return
        self._refill(self._per_second)
        self._left -= min(amount, self._most)
        if self._left < 0:
            await asyncio.sleep(-self._left / self._per_second)

    def give_back(self, amount: float) -> None:
        """Return what was taken and not used."""
        self._left = min(self._most, self._left + min(amount, self._most))

    def _refill(self, per_second: float) -> None:
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._updated) * per_second)
        self._updated = now


class Breaker:
    """Guards a stage against a server that is down.

    After failures of several questions in a row, without a success between them, only one request at a time
    goes out, each after a longer pause. The first success closes the breaker again.

    Args:
        threshold: Questions in a row whose attempts fail until only single requests go out.
        outage_s: Seconds without any success after which the server counts as down.

    """

    def __init__(self, threshold: int, outage_s: float) -> None:
        self._threshold = threshold
        self._outage_s = outage_s
        self._failing: set[str] = set()
        self._opened_at = 0.0
        self._pause = 0.0
        self._last_failure = ""
        self._probing = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        """Whether only single requests may go out."""
        return len(self._failing) >= self._threshold

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until a request may go out; it is sent inside.

        Raises:
            ServerError: the server has answered nothing for too long.

        """
        while self.is_open:
            async with self._probing:
                if self.is_open:
                    await self._wait_for_probe()
                    yield
                    return
        yield

    async def _wait_for_probe(self) -> None:
        if time.monotonic() - self._opened_at > self._outage_s:
            raise ServerError(
                f"The server has answered nothing for {self._outage_s:.0f} s; last: {self._last_failure}. "
                "Answers so far are kept; run the stage again when it is back."
            )
        await asyncio.sleep(self._pause)
        self._pause = min(self._outage_s / 4, self._pause * 2)

    def succeeded(self) -> None:
        """A request was answered."""
        self._failing.clear()

    def failed(self, key: str, detail: str) -> None:
        """An attempt of the question `key` failed."""
        was_open = self.is_open
        self._failing.add(key)
        self._last_failure = detail
        if self.is_open and not was_open:
            self._opened_at = time.monotonic()
            self._pause = self._outage_s / 64
