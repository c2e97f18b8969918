"""Walking a folder of shortcut files and reading them, fault by fault.

Whatever is wrong with one file (its name, its kind, its size, the disk) is returned as a `Fault`; nothing
here raises for a single file.
"""

import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SUFFIXES = (".shortcut", ".plist", ".wflow")
MAX_BYTES = 20 * 1024 * 1024
"""Largest file that is read; the largest real shortcut is about a tenth of it."""

_UNFIT = ("Cc", "Cs")
"""Unicode categories that no path in a table may hold: control characters, and bytes that are not UTF-8."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one path gave no row: the rule, what was found, the limit, and the twin of a duplicate."""

    source_path: str
    rule: str
    detail: str
    threshold: float | None = None
    observed: float | None = None
    twin_id: str | None = None


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that was read: its path relative to the folder with `/`, its bytes, its modification time."""

    source_path: str
    payload: bytes
    modified_at: datetime


def list_files(folder: Path) -> tuple[list[str], list[Fault]]:
    """List the shortcut files below `folder`: sorted relative paths, and what could not be entered.

    Links to folders are not followed, so a loop cannot occur.
    """
    faults: list[Fault] = []

    def unreadable(error: OSError) -> None:
        faults.append(_unreadable(_relative(folder, str(error.filename)), error))

    paths: list[str] = []
    for parent, folders, files in os.walk(folder, onerror=unreadable):
        links = (Path(parent, name) for name in folders if Path(parent, name).is_symlink())
        faults += [_link_to_folder(_relative(folder, str(link))) for link in links]
        paths += [_relative(folder, f"{parent}/{name}") for name in files if name.lower().endswith(SUFFIXES)]
    return sorted(paths), faults


def read_files(folder: Path, paths: list[str]) -> Iterator[FoundFile | Fault]:
    """Read each of `paths` below `folder`, in order: the file, or the fault that it has."""
    root = folder.resolve()
    for path in paths:
        try:
            yield _name_fault(path) or _read(root, path)
        except (OSError, RuntimeError) as error:
            yield _unreadable(path, error)


def _read(root: Path, path: str) -> FoundFile | Fault:
    target = (root / path).resolve(strict=True)
    if not target.is_relative_to(root):
        return Fault(path, "link_outside_folder", "The link leads out of the folder; copy the file into it.")
    status = target.stat()
    if not stat.S_ISREG(status.st_mode):
        return Fault(path, "not_a_file", "This is a device, a pipe or a folder, not a file.")
    if status.st_size == 0:
        return Fault(path, "empty_file", "The file has no bytes; export the shortcut again.", 1, 0)
    if status.st_size > MAX_BYTES:
        detail = "The file is too large for a shortcut and was not read."
        return Fault(path, "too_large", detail, MAX_BYTES, status.st_size)
    return FoundFile(path, target.read_bytes(), datetime.fromtimestamp(status.st_mtime, UTC))


def _name_fault(path: str) -> Fault | None:
    if not any(unicodedata.category(character) in _UNFIT for character in path):
        return None
    shown = path.encode("unicode_escape").decode("ascii")
    return Fault(shown, "file_name", "The name is not UTF-8 or holds control characters; rename the file.")


def _link_to_folder(path: str) -> Fault:
    fault = _name_fault(path)
    detail = "Links to folders are not followed; copy the folder."
    return Fault(fault.source_path if fault else path, "link_to_folder", detail)


def _unreadable(path: str, error: Exception) -> Fault:
    reason = (isinstance(error, OSError) and error.strerror) or "A link leads back to itself"
    remedy = "its permissions" if isinstance(error, PermissionError) else "the file, its link and its disk"
    shown = path.encode("unicode_escape").decode("ascii") if _name_fault(path) else path
    return Fault(shown, "unreadable", f"The file cannot be read: {reason}. Check {remedy}.")


def _relative(folder: Path, path: str) -> str:
    return os.path.relpath(path, folder).replace(os.sep, "/")
