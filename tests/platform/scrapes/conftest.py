"""Fixtures for scrapes through the platform: a replay site, and the platform on it."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from network_platform import Platform, shortcut

from workflowbench.collection.replay.site import ReplaySite


@pytest.fixture
def site() -> Iterator[ReplaySite]:
    with ReplaySite() as site:
        for number, texts in enumerate((["Boil"], ["Grind", "Brew"], ["Mix", "Bake", "Eat"]), 1):
            site.offer(number, f"Shortcut {number}", shortcut(*texts))
        yield site


@pytest.fixture
def place(site: ReplaySite, tmp_path: Path, instance: dg.DagsterInstance) -> Platform:
    return Platform(site, tmp_path, instance)
