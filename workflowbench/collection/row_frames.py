"""The frames of a scrape: rows of `raw_shortcuts`, and of what was dropped, whatever the source."""

import hashlib
from collections.abc import Iterable
from itertools import islice
from typing import Any

import polars as pl

from workflowbench.collection.listing import Fault
from workflowbench.tables import RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED

Row = dict[str, Any]

PART = 256
"""Rows that are turned into a frame at a time."""


def path_id(source: str, path: str) -> str:
    """Id of a row without payload: SHA-256 of source and path."""
    return hashlib.sha256(f"{source}\n{path}".encode()).hexdigest()


def raw_frame(rows: Iterable[Row], scrape: str, source: str) -> pl.DataFrame:
    """RAW_SHORTCUTS rows of one scrape, sorted by path; built in parts, for payloads are large."""
    ordered = sorted(rows, key=lambda row: str(row["source_path"]))
    filled = ({**row, "scrape": scrape, "source": source} for row in ordered)
    parts = iter(lambda: list(islice(filled, PART)), [])
    return pl.concat([RAW_SHORTCUTS.frame(), *map(RAW_SHORTCUTS.frame, parts)], rechunk=False)


def dropped_frame(faults: Iterable[Fault], source: str) -> pl.DataFrame:
    """RAW_SHORTCUTS_DROPPED rows, each once, sorted by title, rule and detail."""
    rows = (
        {
            "row_id": path_id(source, fault.source_path),
            "title": fault.source_path,
            "stage": RAW_SHORTCUTS.name,
            "rule": fault.rule,
            "detail": fault.detail,
            "threshold": fault.threshold,
            "observed": fault.observed,
            "twin_id": fault.twin_id,
        }
        for fault in faults
    )
    return RAW_SHORTCUTS_DROPPED.frame(rows).unique(RAW_SHORTCUTS_DROPPED.key).sort("title", "rule", "detail")
