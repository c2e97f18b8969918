"""Fixtures for every test."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real shortcuts and reference data, which is not part of the project."""
    folder = Path(os.environ.get("WORKFLOWBENCH_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("no reference data: set WORKFLOWBENCH_SHARED to the folder that holds corpus/ and data/")
    return folder
