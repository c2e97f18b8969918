"""Pairs of a reference and a prediction, read from a file of JSON lines."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pair:
    """A prediction and what it should have been.

    Attributes:
        pair_id: Unique in a file.
        reference: The program that was expected.
        prediction: The program that came.

    """

    pair_id: str
    reference: str
    prediction: str


class PairsError(Exception):
    """A line that is no pair; the message names the line."""


def read_pairs(path: Path) -> Iterator[Pair]:
    """The pairs of a file of objects with `id`, `reference`, `prediction`, one a line; blank lines are none.

    Raises:
        PairsError: A line is no JSON object in UTF-8, lacks a field, holds no text, or repeats an id.
        OSError: The file cannot be read.

    """
    first_lines: dict[str, int] = {}
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            pair = _read_pair(line, number)
            first = first_lines.setdefault(pair.pair_id, number)
            if first != number:
                raise PairsError(
                    f"line {number}: id {pair.pair_id!r} was used on line {first}; ids must be unique"
                )
            yield pair


def _read_pair(line: bytes, number: int) -> Pair:
    try:
        row = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise PairsError(f"line {number}: not UTF-8: {error}") from None
    except (ValueError, RecursionError) as error:
        raise PairsError(f"line {number}: not JSON: {error}") from None
    if not isinstance(row, dict):
        raise PairsError(f"line {number}: not an object with id, reference and prediction")
    for name in ("id", "reference", "prediction"):
        if name not in row:
            raise PairsError(f"line {number}: {name} is missing")
        if not isinstance(row[name], str) and not (name == "id" and type(row[name]) is int):
            raise PairsError(f"line {number}: {name} is not text but {json.dumps(row[name])[:40]}")
    return Pair(str(row["id"]), row["reference"], row["prediction"])
