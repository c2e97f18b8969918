"""A program with all its descendants: started together, ended together.

torchrun puts each rank into a session of its own, and a killed launcher leaves its ranks behind with the
GPU. Every process of a tree therefore carries a variable in its environment, by which it is found.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

MARK = "WORKFLOWBENCH_GPU_JOB"
"""Variable in the environment of every process of a job."""

_POLL_SECONDS = 0.1


class ProcessTree:
    """A running program; `end_tree` ends it with all its descendants.

    Args:
        command: Argument list.
        environment: All variables of its environment.
        mark: Text that no other tree carries.
        log: File that takes its output, at the end of what is there.
        inherited: File descriptors that stay open in the program.

    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        mark: str,
        log: Path,
        inherited: Sequence[int] = (),
    ) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - the command is built from configuration
                command,
                env={**environment, MARK: mark},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=inherited,
            )

    def wait(self) -> int:
        """Wait for the program, not for its descendants; returns its exit status."""
        return self._process.wait()


def end_tree(mark: str, grace_seconds: float) -> None:
    """End every process that carries a mark: ask all, and kill after a grace whoever is left."""
    running = list(marked(mark))
    for process in running:
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    while running and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        running = list(marked(mark))
    while running:
        for process in running:
            _signal(process, signal.SIGKILL)
        time.sleep(_POLL_SECONDS)
        running = list(marked(mark))


def marked(mark: str) -> Iterator[psutil.Process]:
    """Yield the living processes of this user that carry a mark."""
    for process in psutil.process_iter():
        try:
            is_ours = process.pid != os.getpid() and process.environ().get(MARK) == mark
            if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except (psutil.Error, OSError):
            continue


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
