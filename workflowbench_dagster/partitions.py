"""The partitions of the platform: batches of rows, never single shortcuts."""

import dagster as dg

SCRAPE = "scrape"
"""Name of the dynamic partitions, and of the column that holds their key."""

SCRAPES = dg.DynamicPartitionsDefinition(name=SCRAPE)
"""One partition per scrape of a source, in the order of the scrapes; append-only."""


def all_scrapes(instance: dg.DagsterInstance) -> list[str]:
    """Return every scrape that the instance knows, each source's oldest first."""
    return sorted(instance.get_dynamic_partitions(SCRAPE))


SCRAPED = ("raw_shortcuts", "transcribed_workflows", "annotated_workflows")
"""Tables with one partition per scrape; their `_dropped` tables have the same partitions."""


def partitions_of(table: str) -> dg.DynamicPartitionsDefinition | None:
    """Return the partitions of a table, None for a table that is one file."""
    return SCRAPES if table.removesuffix("_dropped") in SCRAPED else None
