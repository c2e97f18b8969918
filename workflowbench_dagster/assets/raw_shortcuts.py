"""Stage `raw_shortcuts`: what a source offers that no earlier scrape of it has."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from workflowbench.tables import RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.partitions import all_scrapes
from workflowbench_dagster.resources.sources import ShortcutFolder
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED, group="collection")
def raw_shortcuts(
    context: dg.AssetExecutionContext, tables: ParquetTables, folder: ShortcutFolder
) -> Iterator[dg.MaterializeResult[Any]]:
    """Fetch what a source offers: its new and changed shortcuts, and notices of withdrawal.

    A scrape is a record of the past and cannot be fetched again: one that is stored is kept as it is.
    """
    stage = Stage(context, tables)
    if tables.exists(RAW_SHORTCUTS, context.partition_key):
        raw, dropped = stage.read(RAW_SHORTCUTS), stage.read(RAW_SHORTCUTS_DROPPED)
        context.log.info("The scrape %s is stored already and is kept.", context.partition_key)
    else:
        scrapes = all_scrapes(context.instance)
        raw, dropped = folder.scan(tables, scrapes, context.partition_key)
    yield stage.write(RAW_SHORTCUTS_DROPPED, dropped)
    yield stage.write(RAW_SHORTCUTS, raw, {"n_dropped": dropped.height})
