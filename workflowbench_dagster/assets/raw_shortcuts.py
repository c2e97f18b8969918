"""Stage `raw_shortcuts`: what a source offers that no earlier scrape of it has."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from pydantic import Field

from workflowbench.tables import RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.partitions import all_scrapes
from workflowbench_dagster.resources.scraping import Collected, NetworkSources
from workflowbench_dagster.resources.sources import ShortcutFolder
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.scrape_keys import ScrapeKey


class Parsing(dg.Config):
    """What happens to a scrape that is stored already."""

    parse_again: bool = Field(
        False, description="Parse a stored scrape of the network again from its snapshots."
    )


@table_stage(RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED, group="collection")
def raw_shortcuts(
    context: dg.AssetExecutionContext,
    config: Parsing,
    tables: ParquetTables,
    folder: ShortcutFolder,
    network: NetworkSources,
) -> Iterator[dg.MaterializeResult[Any]]:
    """Fetch what a source offers: its new and changed shortcuts, and notices of withdrawal.

    The partition key says which source. A scrape is a record of the past and cannot be fetched again: one
    that is stored is kept as it is.
    """
    stage, scrapes = Stage(context, tables), all_scrapes(context.instance)
    key = ScrapeKey.parse(context.partition_key)
    if tables.exists(RAW_SHORTCUTS, context.partition_key) and not (key and config.parse_again):
        context.log.info("The scrape %s is stored already and is kept.", context.partition_key)
        notes = tables.notes(RAW_SHORTCUTS, context.partition_key)
        found = Collected(stage.read(RAW_SHORTCUTS), stage.read(RAW_SHORTCUTS_DROPPED), notes, {})
    elif key:
        found = network.collect(tables, scrapes, key, context.log.info)
    else:
        found = Collected(*folder.scan(tables, scrapes, context.partition_key), {}, {})
    yield stage.write(RAW_SHORTCUTS_DROPPED, found.dropped)
    figures = {"n_dropped": found.dropped.height, **found.metadata}
    yield stage.write(RAW_SHORTCUTS, found.raw, figures, found.notes)
