"""Starting scrapes: when a source has something new, it gets a partition."""

import dagster as dg

from workflowbench.tables import RAW_SHORTCUTS
from workflowbench_dagster.partition_keys import next_scrape, scrapes_of
from workflowbench_dagster.partitions import SCRAPE, all_scrapes
from workflowbench_dagster.resources.sources import ShortcutFolder
from workflowbench_dagster.resources.tables import ParquetTables


def due_scrape(instance: dg.DagsterInstance, tables: ParquetTables, folder: ShortcutFolder) -> str | None:
    """Return the scrape that is to run: one that never ended, or a new one if the folder changed.

    A new scrape is not registered yet; None means that the folder is as the last scrape left it.

    Raises:
        SourceError: the folder cannot be scanned.

    """
    scrapes = all_scrapes(instance)
    own = scrapes_of(folder.scrape_prefix, scrapes)
    unfinished = [key for key in own if not tables.exists(RAW_SHORTCUTS, key)]
    if unfinished:
        return unfinished[0]
    following = next_scrape(folder.scrape_prefix, scrapes)
    raw, _ = folder.scan(tables, scrapes, following)
    return following if not own or not raw.is_empty() else None


def start_scrape(instance: dg.DagsterInstance, tables: ParquetTables, folder: ShortcutFolder) -> str | None:
    """Register the scrape that is due, if any, as a partition; see `due_scrape`."""
    scrape = due_scrape(instance, tables, folder)
    if scrape:
        instance.add_dynamic_partitions(SCRAPE, [scrape])
    return scrape
