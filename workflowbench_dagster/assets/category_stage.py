"""What the stages have in common whose tables have a partition per category."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg
import polars as pl

from workflowbench.tables import Table
from workflowbench_dagster.assets.stage import Stage, rows_by_rule
from workflowbench_dagster.partitions import CATEGORY_NAMES, is_synthetic
from workflowbench_dagster.provenance import CONTENT_HASH
from workflowbench_dagster.resources.tables import ParquetTables, StoredTable
from workflowbench_dagster.table_reading import keys_to_read

NO_FIGURES: Mapping[str, Mapping[str, Any]] = {}
"""Nothing is told of single categories."""

_SAMPLED = 2
_LONGEST = 2000


class CategoryStage(Stage):
    """One run of a stage over some categories, or all of them.

    Attributes:
        categories: Display names of the categories of this run by partition key.

    """

    def __init__(self, context: dg.AssetExecutionContext, tables: ParquetTables, source: str = "") -> None:
        super().__init__(context, tables, source)
        self.categories = {key: CATEGORY_NAMES[key] for key in sorted(context.partition_keys)}

    def scan(self, table: Table) -> pl.LazyFrame:
        """Scan a table; of a synthetic one, the categories of this run."""
        if is_synthetic(table.name):
            return self.tables.scan(table, list(self.categories))
        return super().scan(table)

    def others(self, table: Table) -> pl.DataFrame:
        """Read what a table of this stage holds of the categories that are not made in this run."""
        stored = keys_to_read(self.tables, table, ()) or ()
        return self.tables.scan(table, [key for key in stored if key not in self.categories]).collect()

    def write_by_category(
        self,
        table: Table,
        frame: pl.DataFrame,
        category_of: Callable[[dict[str, Any]], str],
        figures: Mapping[str, Mapping[str, Any]] = NO_FIGURES,
        notes: Mapping[str, Mapping[str, str]] = NO_FIGURES,
    ) -> dg.MaterializeResult[Any]:
        """Write a table, one file per category, and report each category.

        Args:
            table: A table of this stage.
            frame: Its rows for the categories of this run.
            category_of: Says which category a row belongs to, by display name.
            figures: Metadata of single categories, by display name.
            notes: Notes in the files of single categories, by display name.

        """
        names = pl.Series([category_of(row) for row in frame.iter_rows(named=True)], dtype=pl.String)
        stored: dict[str, StoredTable] = {}
        for key, name in self.categories.items():
            rows = frame.filter(names == name)
            stored[key] = self.tables.write(table, rows, key, notes.get(name, {}))
            own = {**self._category_facts(table, stored[key], rows), **figures.get(name, {})}
            self.context.add_asset_metadata(own, asset_key=table.name, partition_key=key)
        data_version = hashlib.sha256("".join(file.sha256 for file in stored.values()).encode())
        whole = {
            "dagster/row_count": self._rows_stored(table),
            "dagster/column_lineage": self.column_lineage(table),
        }
        return self.report(table.name, data_version.hexdigest(), whole)

    def _category_facts(self, table: Table, stored: StoredTable, rows: pl.DataFrame) -> dict[str, Any]:
        dropped = rows_by_rule(table, rows)
        return {
            "dagster/partition_row_count": stored.n_rows,
            "dagster/uri": stored.uri,
            "size_bytes": stored.n_bytes,
            CONTENT_HASH: stored.sha256,
            **dropped,
            **({} if dropped or rows.is_empty() else {"sample_of_rows": _sample(rows)}),
        }

    def _rows_stored(self, table: Table) -> int:
        keys = keys_to_read(self.tables, table, ()) or ()
        counts = pl.collect_all(self.tables.scan_file(table, key).select(pl.len()) for key in keys)
        return sum(count.item() for count in counts)


def _sample(rows: pl.DataFrame) -> dg.MetadataValue[Any]:
    """Return the first rows as JSON, which the UI shows as text, never as markup."""
    shortened = pl.selectors.string().str.slice(0, _LONGEST)
    return dg.MetadataValue.json(rows.head(_SAMPLED).with_columns(shortened).to_dicts())
