"""The partitions of the platform: batches of rows, never single shortcuts."""

import dagster as dg

from workflowbench.bench.seed_splits import SETTINGS

SCRAPE = "scrape"
"""Name of the dynamic partitions, and of the column that holds their key."""

SCRAPES = dg.DynamicPartitionsDefinition(name=SCRAPE)
"""One partition per scrape of a source, in the order of the scrapes; append-only."""


SETTING_PARTITIONS = dg.StaticPartitionsDefinition(list(SETTINGS))
"""One partition per setting of the splits: `id` and `ood` are separate trainings."""


def all_scrapes(instance: dg.DagsterInstance) -> list[str]:
    """Return every scrape that the instance knows, each source's oldest first."""
    return sorted(instance.get_dynamic_partitions(SCRAPE))


SCRAPED = ("raw_shortcuts", "transcribed_workflows", "annotated_workflows")
"""Tables with one partition per scrape; their `_dropped` tables have the same partitions."""


def partitions_of(table: str) -> dg.DynamicPartitionsDefinition | None:
    """Return the partitions of a table, None for a table that is one file."""
    return SCRAPES if table.removesuffix("_dropped") in SCRAPED else None
