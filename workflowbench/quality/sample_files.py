"""Samples in files: the published shape, as JSON or JSON lines; a release of ours; a program by itself.

A sample of the published shape has `query`, `apis`, `task_plan` and `annotated_code`. A JSON file holds a
list of them, or an object of them by id.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import polars as pl

_CODE_KEYS = ("annotated_code", "code")
_PARQUET_COLUMNS = ("sample_id", "query", "apis", "task_plan", "code")


class BadSampleFileError(ValueError):
    """A file that holds no samples; the message names the row and says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample to check.

    Attributes:
        name: Id of the sample, or its number in the file from 1.
        code: Its program.
        query: What a person asks for; empty if the file does not say.
        apis: Identifiers of the APIs that it may call; None if the file does not say.
        task_plan: Its plan; None if the file does not say.

    """

    name: str
    code: str
    query: str = ""
    apis: tuple[str, ...] | None = None
    task_plan: str | None = None


def read_samples(path: Path) -> list[Sample]:
    """Read the samples of a file, or of the directory of a release.

    Args:
        path: A `.json`, `.jsonl`, `.parquet` or `.py` file, or a directory with `data/*.parquet`.

    Raises:
        BadSampleFileError: The file holds no samples.
        OSError: The file cannot be read.

    """
    samples = _read(path)
    if not samples:
        raise BadSampleFileError(f"{path} holds no samples")
    return samples


def _read(path: Path) -> list[Sample]:
    if path.is_dir():
        files = sorted((path / "data").glob("*.parquet"))
        if not files:
            raise BadSampleFileError(f"{path} is no release: it has no data/*.parquet")
        return [sample for file in files for sample in _from_parquet(file)]
    match path.suffix.lower():
        case ".py":
            return [Sample(path.name, _text(path))]
        case ".parquet":
            return list(_from_parquet(path))
        case ".jsonl":
            return list(_from_lines(path))
        case ".json":
            return list(_from_json(path))
        case suffix:
            raise BadSampleFileError(f"{path} ends in {suffix!r}; give a .json, .jsonl, .parquet or .py file")


def _text(path: Path) -> str:
    try:
        # An editor on Windows may put a byte order mark first, which is no part of the program.
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadSampleFileError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from None


def _from_parquet(path: Path) -> Iterator[Sample]:
    try:
        rows = pl.read_parquet(path, columns=list(_PARQUET_COLUMNS))
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise BadSampleFileError(f"{path} has no rows of workflowbench: {reason}") from None
    for row in rows.iter_rows(named=True):
        yield _sample(row, str(row["sample_id"]), path)


def _from_lines(path: Path) -> Iterator[Sample]:
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if line.strip():
            yield _sample(_parsed(line, f"{path}, line {number}"), str(number), path)


def _from_json(path: Path) -> Iterator[Sample]:
    rows = _parsed(path.read_bytes(), str(path))
    named: Iterable[tuple[object, Any]]
    if isinstance(rows, list):
        named = enumerate(rows, start=1)
    elif isinstance(rows, dict) and not rows.keys() & set(_CODE_KEYS):
        named = rows.items()
    else:
        raise BadSampleFileError(f"{path} holds no list of samples, and no object of samples by id")
    for name, row in named:
        yield _sample(row, str(name), path)


def _parsed(data: bytes, place: str) -> Any:
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise BadSampleFileError(f"{place} is no JSON: {error}") from None


def _sample(row: Any, name: str, path: Path) -> Sample:
    place = f"{path}, row {name}"
    if not isinstance(row, Mapping):
        raise BadSampleFileError(f"{place} is no object with query, apis, task_plan and annotated_code")
    code = next((row[key] for key in _CODE_KEYS if key in row), None)
    if not isinstance(code, str):
        raise BadSampleFileError(f"{place} has no text `annotated_code`")
    apis = row.get("apis")
    if apis is not None and not (isinstance(apis, list) and all(isinstance(api, str) for api in apis)):
        raise BadSampleFileError(f"{place}: `apis` is no list of texts")
    for key in ("query", "task_plan"):
        if not isinstance(row.get(key), str | None):
            raise BadSampleFileError(f"{place}: `{key}` is no text")
    return Sample(
        name, code, row.get("query") or "", None if apis is None else tuple(apis), row.get("task_plan")
    )
