"""Light frames of what is made of many tables: the lineage and the release."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from workflowbench.bench.lineage import descendants, node
from workflowbench.tables import LINEAGE, RAW_SHORTCUTS, WORKFLOWBENCH
from workflowbench_dagster.resources.tables import ParquetTables

RELEASE = "release"
"""Directory of the release within the store."""

CHECKSUMS = "SHA256SUMS"


def lineage_frame(tables: ParquetTables, scrapes: Sequence[str]) -> pl.DataFrame:
    """Return one row per sample: whether a walk along the lineage ends at a shortcut that is stored."""
    raw_ids = tables.scan(RAW_SHORTCUTS, scrapes).filter(~pl.col("is_withdrawn")).select("raw_id").collect()
    derived = descendants(tables.read(LINEAGE), [node(RAW_SHORTCUTS, key) for key in raw_ids["raw_id"]])
    samples = tables.scan(WORKFLOWBENCH).select("sample_id").collect()["sample_id"]
    reaches = [node(WORKFLOWBENCH, key) in derived for key in samples]
    return pl.DataFrame({"sample_id": samples, "reaches_raw": pl.Series(reaches, dtype=pl.Boolean)})


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
