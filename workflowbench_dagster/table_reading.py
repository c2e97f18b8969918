"""Reading whole tables, whatever their partitions are."""

from collections.abc import Sequence

import polars as pl

from workflowbench.tables import Table
from workflowbench_dagster.partitions import CATEGORY_NAMES, is_scraped, is_synthetic
from workflowbench_dagster.resources.tables import ParquetTables


def scan_all(tables: ParquetTables, table: Table, scrapes: Sequence[str]) -> pl.LazyFrame:
    """Scan a whole table: of a scraped one the given scrapes, of a synthetic one what was made so far.

    Raises:
        StorageError: a file is missing, but for a category, which is made when a person wants it.

    """
    return tables.scan(table, keys_to_read(tables, table, scrapes))


def keys_to_read(tables: ParquetTables, table: Table, scrapes: Sequence[str]) -> Sequence[str] | None:
    """Return the partitions that make up a table, None for a table that is one file."""
    if is_synthetic(table.name):
        return [key for key in CATEGORY_NAMES if tables.exists(table, key)]
    return scrapes if is_scraped(table.name) else None
