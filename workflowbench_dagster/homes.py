"""Homes: one folder per source, with the Dagster instance and, unless a store is set, the tables."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import workflowbench_dagster
from workflowbench_dagster.partition_keys import slug
from workflowbench_dagster.resources import environment

DEFAULT_DIRECTORY = Path(".workflowbench")

_PACKAGE = Path(workflowbench_dagster.__file__).parent
_INSTANCE_SETTINGS = tuple(folder / "dagster.yaml" for folder in (_PACKAGE, _PACKAGE.parent))
"""Settings of the instance: within an installed package, or beside it in a checkout."""
_LATEST = "latest.json"
_MISREAD = "%?*["
"""Characters in a path that Dagster takes for a pattern or an escape, so that it misses its own settings."""


class HomeError(RuntimeError):
    """A home that cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Home:
    """What is kept for one source folder."""

    path: Path
    shortcuts: Path

    @property
    def dagster(self) -> Path:
        """The folder for DAGSTER_HOME."""
        return self.path / "dagster"

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a process that works on this home."""
        return {
            "DAGSTER_HOME": str(self.dagster),
            environment.HOME: str(self.path),
            environment.SHORTCUTS: str(self.shortcuts),
        }


def home_for(directory: Path, shortcuts: Path) -> Home:
    """Return the home of a source folder below `directory`; its name tells the folder and its place."""
    shortcuts = shortcuts.expanduser().absolute()
    digest = hashlib.sha256(str(shortcuts).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return Home(directory.expanduser().absolute() / f"{slug(shortcuts.name)}-{digest}", shortcuts)


def latest_home(directory: Path) -> Home:
    """Return the home that was prepared last below `directory`.

    Raises:
        HomeError: there is none.

    """
    try:
        latest = json.loads((directory / _LATEST).read_text(encoding="utf-8"))
        return home_for(directory, Path(latest["shortcuts"]))
    except (OSError, ValueError, KeyError) as error:
        raise HomeError(f"Nothing was built below {directory} yet. Run `make demo` first.") from error


def prepare(home: Home) -> None:
    """Make the folder of the Dagster instance, with its settings, and note the home as the latest.

    Raises:
        HomeError: the folder cannot be written, or Dagster cannot open a folder of that name.

    """
    if any(character in str(home.path) for character in _MISREAD):
        raise HomeError(
            f"Dagster cannot work in {home.path}: its path holds one of {' '.join(_MISREAD)}."
            " Give another folder with --home."
        )
    try:
        home.dagster.mkdir(parents=True, exist_ok=True)
        settings = next(path for path in _INSTANCE_SETTINGS if path.exists())
        shutil.copyfile(settings, home.dagster / "dagster.yaml")
        latest = json.dumps({"shortcuts": str(home.shortcuts)})
        (home.path.parent / _LATEST).write_text(latest, encoding="utf-8")
    except OSError as error:
        raise HomeError(
            f"{home.path} cannot be prepared ({error}). Give another folder with --home."
        ) from error


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Hold a home for one rebuild at a time; the lock ends with the process.

    Raises:
        HomeError: another process holds it.

    """
    with (home.path / "rebuild.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HomeError(f"Another rebuild is working in {home.path}. Wait until it has ended.") from error
        yield


def enter(home: Home) -> None:
    """Make this process, and those that it starts, work on a home."""
    os.environ.update(home.variables)
