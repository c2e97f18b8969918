"""A real Dagster daemon with its UI, started on a home, and stopped by its id."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workflowbench_dagster.homes import Home

START_SECONDS = 120
STOP_SECONDS = 60

_WORKSPACE = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name location { name } } } } }"
_START = """mutation ($sensor: SensorSelector!) {
  startSensor(sensorSelector: $sensor) { __typename ... on PythonError { message } }
}"""


class DaemonError(RuntimeError):
    """The daemon did not do what it was asked for; the message says where its log lies."""


class Daemon:
    """A running daemon: the address of its UI, and the file of its log."""

    def __init__(self, address: str, log: Path, process: subprocess.Popen[bytes]) -> None:
        self.address = address
        self.log = log
        self._process = process

    def start_sensors(self, names: Sequence[str]) -> None:
        """Switch sensors on, as the UI does.

        Raises:
            DaemonError: a sensor is not known.

        """
        (repository,) = self.ask(_WORKSPACE, {})["repositoriesOrError"]["nodes"]
        place = {
            "repositoryName": repository["name"],
            "repositoryLocationName": repository["location"]["name"],
        }
        for name in names:
            answer = self.ask(_START, {"sensor": {**place, "sensorName": name}})["startSensor"]
            if answer["__typename"] != "Sensor":
                raise DaemonError(f"The sensor {name} cannot be started: {answer}.")

    def ask(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a GraphQL query."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(  # noqa: S310 - the address is our own, on loopback
            f"{self.address}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            data: dict[str, Any] = json.load(answer)["data"]
            return data

    def wait_until(self, holds: Callable[[], bool], seconds: float) -> None:
        """Wait for what no event announces.

        Raises:
            DaemonError: it did not hold in time, or the daemon ended.

        """
        end = time.monotonic() + seconds
        while not holds():
            if self._process.poll() is not None:
                raise DaemonError(f"The daemon ended; its log is {self.log}.")
            if time.monotonic() > end:
                raise DaemonError(f"Not done within {seconds:.0f} s; the daemon's log is {self.log}.")
            time.sleep(0.2)

    def answers(self) -> bool:
        """Whether the UI answers."""
        try:
            with urllib.request.urlopen(f"{self.address}/server_info", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def running_daemon(home: Home, settings: Mapping[str, str]) -> Iterator[Daemon]:
    """Run daemon, code server and UI on a home, with `settings` added to the environment.

    Raises:
        DaemonError: it did not start.

    """
    port, log = _free_port(), home.path / "daemon.log"
    arguments = ["--home", str(home.path.parent), "--shortcuts", str(home.shortcuts), "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - this very interpreter
            [sys.executable, "-m", "workflowbench_dagster.ui", *arguments],
            env={**os.environ, **settings},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    daemon = Daemon(f"http://127.0.0.1:{port}", log, process)
    try:
        daemon.wait_until(daemon.answers, START_SECONDS)
        yield daemon
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
