"""Fixtures: a scripted server on loopback, and a clock that nobody waits for."""

from collections.abc import Iterator

import pytest
from replay import FakeClock, Replay


@pytest.fixture
def server() -> Iterator[Replay]:
    replay = Replay()
    yield replay
    replay.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
