"""Files of answers: every expected id once, and no other."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

_SHOWN = 5
Row = TypeVar("Row")


class AnswerFileError(Exception):
    """A file holds something else than answers; the message names the line."""


class IdMismatchError(AnswerFileError):
    """The ids of the answers are not those that were asked for; the message names them."""


def check_ids(found: Collection[str], wanted: Collection[str]) -> None:
    """Make sure that there is an answer to everything that was asked, and to nothing else.

    Raises:
        IdMismatchError: Ids are missing or unknown.

    """
    missing, unknown = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
    faults = [
        f"{len(ids)} {what}: {', '.join(ids[:_SHOWN])}{' ...' if len(ids) > _SHOWN else ''}"
        for what, ids in (("missing", missing), ("unknown", unknown))
        if ids
    ]
    if faults:
        raise IdMismatchError(f"of {len(wanted)} expected ids, {'; '.join(faults)}")


def read_lines(path: Path, read: Callable[[Mapping[str, Any]], tuple[str, Row]]) -> dict[str, Row]:
    """Read a file of JSON lines, one object for each id.

    Args:
        path: The file; blank lines in it are none.
        read: Reads the id and the rest of an object; raises ValueError where it is no answer.

    Raises:
        AnswerFileError: The file cannot be read, or a line is no answer or repeats an id.

    """
    rows: dict[str, Row] = {}
    first_lines: dict[str, int] = {}
    for number, line in _lines(path):
        place = f"{path}, line {number}"
        try:
            value = json.loads(line)
            if not isinstance(value, dict):
                raise ValueError("not an object")
            row_id, row = read(value)
        except (ValueError, RecursionError) as error:
            raise AnswerFileError(f"{place}: {error}") from None
        if row_id in rows:
            raise AnswerFileError(f"{place}: id {row_id!r} was used on line {first_lines[row_id]}")
        rows[row_id], first_lines[row_id] = row, number
    return rows


def text_field(row: Mapping[str, Any], name: str) -> str:
    """A field of a line that must hold text.

    Raises:
        ValueError: It does not.

    """
    if not isinstance(row.get(name), str):
        raise ValueError(f"{name} is missing or no text")
    return str(row[name])


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AnswerFileError(f"{path} cannot be read: {error.strerror}") from None
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.strip():
            yield number, line
