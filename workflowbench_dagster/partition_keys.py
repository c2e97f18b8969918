"""Partition keys as text: what a key may look like, and how scrapes of a source are numbered."""

import re
from collections.abc import Sequence

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


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
