"""How many requests go out at once and per minute."""

import asyncio
import time

import pytest

from workflowbench.llm import pacing
from workflowbench.llm.pacing import Concurrency, Rate


async def most_at_once(concurrency: Concurrency, count: int) -> int:
    running = most = 0

    async def work() -> None:
        nonlocal running, most
        async with concurrency:
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.001)
            running -= 1

    await asyncio.gather(*(work() for _ in range(count)))
    return most


def test_no_more_than_the_limit_run_at_once() -> None:
    assert asyncio.run(most_at_once(Concurrency(4), 50)) == 4


def test_overload_halves_the_limit_once_per_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    concurrency = Concurrency(64)
    concurrency.overloaded()
    concurrency.overloaded()
    assert concurrency.limit == 32
    monkeypatch.setattr(pacing, "OVERLOAD_PAUSE", 0.0)
    for _ in range(20):
        concurrency.overloaded()
    assert concurrency.limit == 1


def test_successes_raise_the_limit_again_step_by_step() -> None:
    concurrency = Concurrency(64)
    concurrency.overloaded()
    concurrency.succeeded()
    assert concurrency.limit == 32
    for _ in range(2000):
        concurrency.succeeded()
    assert concurrency.limit == 64


def test_a_lowered_limit_holds_for_those_who_wait() -> None:
    async def run() -> int:
        concurrency = Concurrency(8)
        concurrency.overloaded()
        return await most_at_once(concurrency, 40)

    assert asyncio.run(run()) == 4


def test_a_cancelled_wait_takes_no_slot() -> None:
    async def run() -> int:
        concurrency = Concurrency(1)
        async with concurrency:
            waiting = [asyncio.create_task(most_at_once(concurrency, 1)) for _ in range(3)]
            await asyncio.sleep(0)
            waiting[0].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return await most_at_once(concurrency, 5)

    assert asyncio.run(run()) == 1


def test_a_pause_that_the_server_asks_for_holds_for_all() -> None:
    async def run() -> float:
        concurrency = Concurrency(8)
        concurrency.overloaded(0.1)
        started = time.monotonic()
        await asyncio.gather(*(concurrency.pause() for _ in range(5)))
        return time.monotonic() - started

    assert asyncio.run(run()) >= 0.1


def test_a_rate_lets_a_minutes_worth_pass_and_then_its_share() -> None:
    async def run() -> tuple[float, float]:
        rate = Rate(600)
        started = time.monotonic()
        await rate.take(600)
        at_once = time.monotonic() - started
        await asyncio.gather(rate.take(1), rate.take(1), rate.take(1))
        return at_once, time.monotonic() - started

    at_once, later = asyncio.run(run())
    assert at_once < 0.1
    assert later >= 0.29


def test_what_is_given_back_can_be_taken_again() -> None:
    async def run() -> float:
        rate = Rate(60)
        await rate.take(60)
        rate.give_back(30)
        started = time.monotonic()
        await rate.take(30)
        return time.monotonic() - started

    assert asyncio.run(run()) < 0.5


def test_no_rate_never_waits() -> None:
    asyncio.run(asyncio.wait_for(Rate(None).take(1e9), timeout=1))
