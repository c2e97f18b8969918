"""Stand-in programs for jobs: plain scripts that report through Pipes as the real ones do."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from stand_ins import stand_in_resource

from workflowbench_dagster.resources.executors.job import GpuJob
from workflowbench_dagster.resources.gpu import GpuJobs

PROLOGUE = """
import os, signal, subprocess, sys, time
from pathlib import Path
from workflowbench_dagster.external.reporting import reporter
folder = Path(sys.argv[1])
"""


@pytest.fixture
def job(tmp_path: Path) -> Callable[[str], GpuJob]:
    """A function that makes a job of the body of a program; a file `whole` says that its output is."""

    def make(body: str) -> GpuJob:
        folder = tmp_path / "job"
        folder.mkdir(exist_ok=True)
        program = folder / "program.py"
        program.write_text(PROLOGUE + textwrap.dedent(body))
        return GpuJob(
            "stand-in",
            lambda python: [python, str(program), str(folder)],
            folder,
            lambda: (folder / "whole").exists(),
        )

    return make


@pytest.fixture
def gpu(tmp_path: Path) -> GpuJobs:
    """The resource, on this machine, with this interpreter."""
    return stand_in_resource(tmp_path)
