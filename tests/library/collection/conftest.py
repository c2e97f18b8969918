"""Fixtures: a scripted server on loopback, sites on it, and a clock that nobody waits for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_clock import FakeClock
from scraped_sites import World

from workflowbench.collection.replay.server import Replay


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
