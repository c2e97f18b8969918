"""Fixtures: a scripted server on loopback, sites on it, and a clock that nobody waits for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from replay import FakeClock, Replay
from scraped_sites import World


@pytest.fixture
def server() -> Iterator[Replay]:
    replay = Replay()
    yield replay
    replay.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world(server: Replay, clock: FakeClock, tmp_path: Path) -> World:
    return World(server, clock, tmp_path / "snapshots")
