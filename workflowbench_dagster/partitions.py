"""The partitions of the platform: batches of rows, never single shortcuts."""

import re
from collections.abc import Sequence

import dagster as dg

SCRAPE = "scrape"
"""Name of the dynamic partitions, and of the column that holds their key."""

SCRAPES = dg.DynamicPartitionsDefinition(name=SCRAPE)
"""One partition per scrape of a source, in the order of the scrapes; append-only."""

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def all_scrapes(instance: dg.DagsterInstance) -> list[str]:
    """Return every scrape that the instance knows, each source's oldest first."""
    return sorted(instance.get_dynamic_partitions(SCRAPE))


def valid_partition(key: str) -> str:
    """Return `key` if it may be a file name and an object key everywhere.

    Raises:
        ValueError: the key has other characters than `a-z`, `0-9` and single `-` between them.

    """
    if not _KEY.fullmatch(key):
        raise ValueError(
            f"{key!r} is no partition key. Use a-z, 0-9 and single hyphens between them, e.g. {slug(key)!r}."
        )
    return key


def slug(text: str) -> str:
    """Turn a name into a part of a partition key; a name without any letter or digit becomes `unnamed`."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())) or "unnamed"


def scrape_prefix(adapter: str, place: str) -> str:
    """Return what the keys of one source begin with, e.g. `folder-examples`."""
    return valid_partition(f"{slug(adapter)}-{slug(place)}")


def next_scrape(prefix: str, scrapes: Sequence[str]) -> str:
    """Return the key that follows `scrapes` of the source `prefix`, e.g. `folder-examples-0002`."""
    numbers = [int(key.removeprefix(f"{prefix}-")) for key in scrapes_of(prefix, scrapes)]
    return valid_partition(f"{prefix}-{max(numbers, default=0) + 1:04d}")


def scrapes_of(prefix: str, scrapes: Sequence[str]) -> list[str]:
    """Return the keys of the source `prefix` among `scrapes`, oldest first."""
    return sorted(key for key in scrapes if re.fullmatch(rf"{re.escape(prefix)}-\d{{4,}}", key))


SCRAPED = ("raw_shortcuts", "transcribed_workflows", "annotated_workflows")
"""Tables with one partition per scrape; their `_dropped` tables have the same partitions."""


def partitions_of(table: str) -> dg.DynamicPartitionsDefinition | None:
    """Return the partitions of a table, None for a table that is one file."""
    return SCRAPES if table.removesuffix("_dropped") in SCRAPED else None
