"""Secrets that a release still holds: the last gate before it is published."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from workflowbench.redaction.secret_patterns import high_confidence_secrets


@dataclass(frozen=True, slots=True)
class HeldSecret:
    """A secret in a release.

    Attributes:
        table: Path of the file within the release.
        row_id: Key of the row, or the file's own name; a hash where the key itself is the secret.
        kind: What the secret is, e.g. `openai`; its value is never shown.
    """

    table: str
    row_id: str
    kind: str


def held_secrets(release: Path) -> list[HeldSecret]:
    """Secrets in the files of a release whose form alone gives them away, in the order of files and rows."""
    paths = sorted(path for path in release.rglob("*") if path.is_file())
    return [
        HeldSecret(path.relative_to(release).as_posix(), _shown(row_id), kind)
        for path in paths
        for row_id, text in _rows(path)
        for kind in high_confidence_secrets(text)
    ]


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    """Key and text of each row of a Parquet file or JSON object; of another text, its name and itself."""
    if path.suffix == ".parquet":
        for rows in pl.scan_parquet(path).collect_batches(chunk_size=1000, maintain_order=True):
            yield from ((str(next(iter(each.values()))), _texts(each)) for each in rows.iter_rows(named=True))
    elif path.suffix == ".json" and isinstance(document := orjson.loads(path.read_bytes()), dict):
        yield from ((key, f"{key}\n{_texts(value)}") for key, value in document.items())
    elif path.suffix != ".png":
        yield path.name, path.read_text(encoding="utf-8")


def _texts(value: Any) -> str:
    """Every text of a value, keys included, one after the other: as it is, not as it is escaped."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "\n".join(f"{key}\n{_texts(item)}" for key, item in value.items())
    return "\n".join(map(_texts, value)) if isinstance(value, list) else ""


def _shown(row_id: str) -> str:
    if high_confidence_secrets(row_id):
        return f"sha256:{hashlib.sha256(row_id.encode()).hexdigest()[:16]}"
    return row_id
