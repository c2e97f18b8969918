"""The opt-out list: a text or CSV file of ids in the forms in which people write them.

One id stands on a line, or in the first cell of it; further cells are for people. Blank lines, lines that
begin with `#` and a first line that reads `id` are passed over.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from workflowbench.collection.errors import SourceError
from workflowbench.collection.icloud import ICloudError, icloud_id
from workflowbench.redaction.opt_outs import opt_out_rows

_PAGE = re.compile(
    r"(?:https?://)?(?:www\.)?routinehub\.co/shortcut/([0-9]{1,12})(?:[/?#].*)?", re.IGNORECASE
)
_NUMBER = re.compile(r"(?:routinehub: *)?([0-9]{1,12})", re.IGNORECASE)
_HEXADECIMAL = re.compile(
    r"(?:(icloud|workflow): *)?([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE
)
_FORMS = (
    "Give a RoutineHub id or page, an iCloud id or link, or a workflow id; `routinehub:`, `icloud:` or"
    " `workflow:` before it says which it is."
)


class OptOutError(SourceError):
    """The opt-out list cannot be read, or one of its lines is no id."""


def read_opt_outs(path: Path) -> pl.DataFrame:
    """Read an opt-out list into rows of `opt_outs`.

    Raises:
        OptOutError: the file is not UTF-8, or a line is no id; the message names the line.

    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise OptOutError(f"The opt-out list {path} cannot be read as UTF-8 text: {error}.") from error
    return opt_out_rows({found for number, line in enumerate(lines, 1) for found in _ids(path, number, line)})


def _ids(path: Path, number: int, line: str) -> Iterator[tuple[str, str]]:
    cell = next(iter(next(csv.reader([line], skipinitialspace=True), [])), "").strip()
    if not cell or cell.startswith("#") or (number == 1 and cell.lower() == "id"):
        return
    try:
        yield from _ids_of(cell)
    except (ICloudError, ValueError) as error:
        raise OptOutError(f"{path}, line {number}: {cell[:80]!r} is no id. {error} {_FORMS}") from error


def _ids_of(text: str) -> Iterator[tuple[str, str]]:
    """Kinds and ids that a text may mean: bare hexadecimal digits may be an iCloud id or a workflow id."""
    if match := _PAGE.fullmatch(text) or _NUMBER.fullmatch(text):
        yield "routinehub", match[1].lstrip("0") or "0"
    elif match := _HEXADECIMAL.fullmatch(text):
        kinds = [match[1].lower()] if match[1] else ["icloud"] if "-" in match[2] else ["icloud", "workflow"]
        yield from ((kind, match[2].replace("-", "").lower()) for kind in kinds)
    elif "icloud.com" in text.lower():
        yield "icloud", icloud_id(text)
    else:
        raise ValueError("It has none of the known forms.")
