"""What every stage of the platform shares: how its assets are declared, read and written."""

import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import polars as pl

from workflowbench.tables import TABLES, Table
from workflowbench_dagster.partitions import BY_CATEGORY, SCRAPES, all_scrapes, partitions_of
from workflowbench_dagster.provenance import INPUTS_TAG, UNANSWERED_TAG, code_version, input_version
from workflowbench_dagster.resources.tables import NO_NOTES, ParquetTables, StoredTable
from workflowbench_dagster.table_reading import scan_all

OWNERS = ("team:workflowbench",)

GPU_POOL = "gpu"
"""Pool of every stage that uses a GPU: as many run at a time as the instance allows."""

Compute = Callable[..., Iterator[dg.MaterializeResult[Any]]]


def table_stage(
    *tables: Table,
    deps: Sequence[Table] = (),
    models: Sequence[str] = (),
    group: str,
    kinds: frozenset[str] = frozenset(),
    automation: dg.AutomationCondition[Any] | None = None,
    skippable: bool = False,
    tags: Mapping[str, str] = NO_NOTES,
    pool: str | None = None,
) -> Callable[[Compute], dg.AssetsDefinition]:
    """Declare a stage that writes `tables`, one asset each, and reads `deps` and trained `models`.

    The docstring of the stage describes its first table; the others are described by `tables.py`. The code
    version is a hash of the stage's module and the library modules that it builds on. A stage without
    `automation` runs only when a person or a job starts it. A `skippable` one may end without a table, and
    what depends on it then does not run.
    """

    def declare(compute: Compute) -> dg.AssetsDefinition:
        version = code_version(compute.__module__)
        specs = [
            dg.AssetSpec(
                table.name,
                deps=[*(dep.name for dep in deps), *models],
                description=inspect.getdoc(compute) if table is tables[0] else table.description,
                group_name=group,
                owners=OWNERS,
                kinds={"python", "polars", "parquet", *kinds},
                code_version=version,
                partitions_def=partitions_of(table.name),
                automation_condition=automation,
                skippable=skippable,
                tags=tags,
                metadata={"dagster/column_schema": column_schema(table)},
            )
            for table in tables
        ]
        is_synthetic = specs[0].partitions_def is BY_CATEGORY
        backfill = dg.BackfillPolicy.single_run() if is_synthetic else None
        return dg.multi_asset(specs=specs, name=compute.__name__, backfill_policy=backfill, pool=pool)(
            compute
        )

    return declare


def column_schema(table: Table) -> dg.TableSchema:
    """Return the columns of a table as Dagster shows them: name, type, description, nullability, key."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                str(column.dtype),
                column.description,
                dg.TableColumnConstraints(nullable=column.nullable, unique=(column.name,) == table.key),
            )
            for column in table.columns
        ]
    )


def rows_by_rule(table: Table, frame: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Count dropped rows by rule, as metadata; nothing for a table of other rows."""
    is_of_drops = table.name.endswith("_dropped")
    return {"rows_by_rule": dict(Counter(sorted(frame["rule"])))} if is_of_drops else {}


class Stage:
    """One run of a stage: reads its tables, writes its tables, and reports what Dagster shows of them.

    Attributes:
        tables: The table store.
        partition: The scrape of this run; None for a stage without.
        to_ask_again: Questions that a model left unanswered and that the next run asks again.

    """

    def __init__(self, context: dg.AssetExecutionContext, tables: ParquetTables, source: str = "") -> None:
        """Note the data versions of the parents, before any is read, and of what lies outside: `source`."""
        self.tables = tables
        self.context = context
        self.to_ask_again = 0
        self._instance = context.instance
        self._deps = context.assets_def.asset_deps
        self.partition = context.partition_key if context.assets_def.partitions_def == SCRAPES else None
        self._inputs = {
            key: input_version(context.instance, parents, self.partition, source)
            for key, parents in self._deps.items()
        }

    def read(self, table: Table) -> pl.DataFrame:
        """Read a table; of a scraped one, this run's scrape, or every scrape for a stage without."""
        return self.scan(table).collect()

    def scan(self, table: Table) -> pl.LazyFrame:
        """Scan a table as `read` reads it."""
        scrapes = all_scrapes(self._instance) if self.partition is None else [self.partition]
        return scan_all(self.tables, table, scrapes)

    def every_scrape(self, table: Table) -> pl.DataFrame:
        """Read a partitioned table without its payloads: every scrape that is stored so far."""
        stored = [scrape for scrape in all_scrapes(self._instance) if self.tables.exists(table, scrape)]
        return self.tables.scan(table, stored).drop("payload").collect()

    def write(
        self,
        table: Table,
        frame: pl.DataFrame,
        metadata: Mapping[str, Any] | None = None,
        notes: Mapping[str, str] = NO_NOTES,
    ) -> dg.MaterializeResult[Any]:
        """Write a table of this stage and report its rows, address, columns and, if it says so, its rules."""
        stored = self.tables.write(table, frame, self.partition, notes)
        rules = rows_by_rule(table, frame)
        return self.report(
            table.name, stored.sha256, {**self._facts(table, stored), **rules, **(metadata or {})}
        )

    def report(self, asset: str, data_version: str, metadata: Mapping[str, Any]) -> dg.MaterializeResult[Any]:
        """Report that an asset of this stage was made: its content hash and what it was made from."""
        key = dg.AssetKey(asset)
        unanswered = {UNANSWERED_TAG: str(self.to_ask_again)} if self.to_ask_again else {}
        return dg.MaterializeResult(
            asset_key=key,
            metadata=metadata,
            data_version=dg.DataVersion(data_version),
            tags={INPUTS_TAG: self._inputs[key], **unanswered},
        )

    def _facts(self, table: Table, stored: StoredTable) -> dict[str, Any]:
        return {
            **self._row_counts(table, stored),
            "dagster/uri": stored.uri,
            "size_bytes": stored.n_bytes,
            "dagster/column_lineage": self.column_lineage(table),
        }

    def _row_counts(self, table: Table, stored: StoredTable) -> dict[str, int]:
        """Count the rows that were written and, of a partitioned table, those of every scrape so far."""
        if self.partition is None:
            return {"dagster/row_count": stored.n_rows}
        scrapes = [scrape for scrape in all_scrapes(self._instance) if self.tables.exists(table, scrape)]
        counts = pl.collect_all(self.tables.scan_file(table, scrape).select(pl.len()) for scrape in scrapes)
        return {
            "dagster/partition_row_count": stored.n_rows,
            "dagster/row_count": sum(count.item() for count in counts),
        }

    def column_lineage(self, table: Table) -> dg.TableColumnLineage:
        """Return which columns of a table come from columns of the same name in its parents."""
        deps = sorted(self._deps[dg.AssetKey(table.name)])
        parents = [dep for dep in deps if dep.to_user_string() in TABLES]
        return dg.TableColumnLineage(
            {
                column: [dg.TableColumnDep(asset_key=parent, column_name=column) for parent in sources]
                for column in table.schema
                if (sources := [p for p in parents if column in TABLES[p.to_user_string()].schema])
            }
        )
