"""Light frames of what is made of many tables: the lineage and the release."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from workflowbench.bench.lineage import descendants, node
from workflowbench.tables import EXPANDED_QUERIES, LINEAGE, RAW_SHORTCUTS, WORKFLOWBENCH, Table
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.table_reading import scan_all

RELEASE = "release"
"""Directory of the release within the store."""

CHECKSUMS = "SHA256SUMS"


def lineage_frame(tables: ParquetTables, scrapes: Sequence[str]) -> pl.DataFrame:
    """Return one row per sample: whether a walk along the lineage ends at a row that is stored.

    That row is the shortcut of a collected sample, and the query of a synthetic one.
    """
    lineage = tables.read(LINEAGE)
    raw = tables.scan(RAW_SHORTCUTS, scrapes).filter(~pl.col("is_withdrawn"))
    queries = scan_all(tables, EXPANDED_QUERIES, scrapes)
    derived = {
        "collected": _derived(lineage, RAW_SHORTCUTS, raw.select("raw_id")),
        "synthetic": _derived(lineage, EXPANDED_QUERIES, queries.select("query_id")),
    }
    samples = tables.scan(WORKFLOWBENCH).select("sample_id", "origin").collect()
    reaches = [node(WORKFLOWBENCH, key) in derived[origin] for key, origin in samples.iter_rows()]
    return samples.select("sample_id", reaches_origin=pl.Series(reaches, dtype=pl.Boolean))


def _derived(lineage: pl.DataFrame, table: Table, keys: pl.LazyFrame) -> set[str]:
    return descendants(lineage, [node(table, key) for key in keys.collect().to_series()])


def release_frame(tables: ParquetTables, scrapes: Sequence[str]) -> pl.DataFrame:
    """Return one row per file of the release: whether it is listed, and whether its checksum verifies."""
    del scrapes
    with tables.reading(RELEASE) as folder:
        stated = _stated(folder)
        paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        names = sorted((paths.keys() | stated.keys()) - {CHECKSUMS})
        rows = [
            {
                "file": name,
                "is_listed": name in stated,
                "checksum_verifies": _sha256(paths.get(name)) == stated.get(name),
            }
            for name in names
        ]
    return pl.DataFrame(
        rows, schema={"file": pl.String, "is_listed": pl.Boolean, "checksum_verifies": pl.Boolean}
    )


def _stated(folder: Path) -> dict[str, str]:
    lines = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _sha256(path: Path | None) -> str | None:
    if path is None:
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
