"""One blocking check per table, made from `tables.py`: columns, types, nulls and keys of every row."""

import dagster as dg
import polars as pl

from workflowbench.tables import TABLES, Table
from workflowbench_dagster.partitions import SCRAPES, is_scraped
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.table_reading import keys_to_read


def schema_faults(table: Table, frame: pl.LazyFrame) -> dict[str, str | int]:
    """Return what is wrong with a frame of `table`: each fault, and what or how many rows it has."""
    found = frame.collect_schema()
    faults: dict[str, str | int] = {
        f"{name}: type": f"{found.get(name, 'missing')} instead of {table.schema.get(name, 'no such column')}"
        for name in {**table.schema, **found}
        if found.get(name) != table.schema.get(name)
    }
    if faults:
        return faults
    required = [column.name for column in table.columns if not column.nullable]
    counts = frame.select(
        *(pl.col(name).null_count().alias(f"{name}: null") for name in required),
        pl.struct(table.key).is_duplicated().sum().alias(f"{', '.join(table.key)}: not unique"),
    ).collect()
    return {fault: count for fault, count in counts.row(0, named=True).items() if count}


def schema_check(table: Table) -> dg.AssetChecksDefinition:
    """Return the schema check of a table; it looks at one scrape of a scraped one, else at all there is."""
    partitions = SCRAPES if is_scraped(table.name) else None

    @dg.asset_check(
        asset=table.name,
        name="schema",
        description="Every row has the columns, types, required values and unique key of the table.",
        blocking=True,
        partitions_def=partitions,
    )
    def schema(context: dg.AssetCheckExecutionContext, tables: ParquetTables) -> dg.AssetCheckResult:
        keys = [context.partition_key] if partitions else keys_to_read(tables, table, ())
        files = [tables.scan_file(table, key) for key in ([None] if keys is None else keys)]
        rows = pl.concat(files, how="diagonal_relaxed") if len(files) > 1 else files[0]
        faults = schema_faults(table, rows)
        size = {
            "rows_checked": rows.select(pl.len()).collect().item(),
            "columns_checked": len(rows.collect_schema()),
        }
        return dg.AssetCheckResult(passed=not faults, metadata={**faults, **size})

    return schema


SCHEMA_CHECKS = [schema_check(table) for table in TABLES.values()]
"""The schema check of every table."""
