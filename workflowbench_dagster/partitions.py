"""The partitions of the platform: batches of rows, never single shortcuts."""

import dagster as dg

from workflowbench.bench.seed_splits import SETTINGS
from workflowbench.categories import CATEGORIES
from workflowbench_dagster.partition_keys import slug

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


CATEGORY_NAMES = {slug(name): name for name in CATEGORIES}
"""Display name of each category by its partition key, e.g. `Food & Drink` by `food-drink`."""

BY_CATEGORY = dg.StaticPartitionsDefinition(list(CATEGORY_NAMES))
"""One partition per category; a run makes all of them, or those that a person chooses."""

SYNTHETIC = ("expanded_queries", "generated_workflows", "confirmed_workflows")
"""Tables with one partition per category; their `_dropped` tables have the same partitions."""


def partitions_of(table: str) -> dg.PartitionsDefinition | None:
    """Return the partitions of a table, None for a table that is one file."""
    if is_scraped(table):
        return SCRAPES
    return BY_CATEGORY if is_synthetic(table) else None


def is_scraped(table: str) -> bool:
    """Tell whether a table has one partition per scrape."""
    return table.removesuffix("_dropped") in SCRAPED


def is_synthetic(table: str) -> bool:
    """Tell whether a table has one partition per category."""
    return table.removesuffix("_dropped") in SYNTHETIC
