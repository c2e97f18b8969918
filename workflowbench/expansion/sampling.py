"""Sampling: which category, pool, APIs and in-context examples each synthetic query is made of.

Everything about a query follows from the seed, its category, its number within the category and the attempt
alone, so that asking for more queries changes none of those before. Python's own generator is used, whose
sequence of a given seed is the same in every version.
"""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from workflowbench.catalogue.constructs import CONSTRUCTS
from workflowbench.expansion.api_pools import ApiPool, NothingToSampleError
from workflowbench.expansion.draws import generator

FEWEST_APIS, MOST_APIS = 2, 30
"""Distinct APIs of a query; seeds with fewer or more are left out of the distribution (docs/expansion.md)."""
MOST_APPS = 5
"""Most third-party apps of a query (paper, section 3.2)."""

_GOLDEN_RATIO = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one query: its category, its number within the category from 0, and its pool."""

    category: str
    number: int
    pool: ApiPool

    @property
    def key(self) -> str:
        """Stable name of the slot, e.g. `Books/12`."""
        return f"{self.category}/{self.number}"


def quotas(count: int, categories: Sequence[str]) -> dict[str, int]:
    """Share a number of queries among categories by largest remainders: all get equally many, or one more.

    Remainders are equal, so the first categories in the order given take what is left over.
    """
    each, left_over = divmod(count, len(categories))
    return {category: each + (number < left_over) for number, category in enumerate(categories)}


def slots(count: int, categories: Sequence[str], pools: Sequence[ApiPool], *, seed: int) -> Iterator[Slot]:
    """Yield the slots of all queries: the first of every category, then the second of every category, ...

    A larger count yields the same slots first. The pools of a category alternate in the proportion of their
    shares: the numbers of its slots are spread over the unit interval by steps of the golden ratio, which the
    shares divide.
    """
    shares = quotas(count, categories)
    starts = {category: generator(seed, "pool", category).random() for category in categories}
    for number in range(max(shares.values(), default=0)):
        for category in categories:
            if number < shares[category]:
                yield Slot(category, number, _pool_at((starts[category] + number * _GOLDEN_RATIO) % 1, pools))


def _pool_at(position: float, pools: Sequence[ApiPool]) -> ApiPool:
    reached = 0.0
    for pool in pools:
        reached += pool.share
        if position < reached:
            return pool
    return pools[-1]


def api_counts(seeds: pl.DataFrame) -> tuple[int, ...]:
    """Return the numbers of distinct APIs of the seeds, constructs of the language not counted, sorted.

    Seeds outside `FEWEST_APIS` to `MOST_APIS` are left out.

    Raises:
        NothingToSampleError: No seed is within these bounds.

    """
    counts = (len(set(apis) - CONSTRUCTS) for apis in seeds["apis"].to_list())
    kept = tuple(sorted(number for number in counts if FEWEST_APIS <= number <= MOST_APIS))
    if not kept:
        raise NothingToSampleError(
            f"no seed workflow calls {FEWEST_APIS} to {MOST_APIS} distinct APIs; collect some first"
        )
    return kept


def sample_apis(slot: Slot, attempt: int, counts: Sequence[int], *, seed: int) -> list[str]:
    """Sample the APIs of a query: n of the distribution, floor(n/2) built-in, the rest of one to five apps.

    n is the same in every attempt, so that attempts that fail do not bend the distribution. Apps are drawn
    first, each with one API; the rest is drawn from all APIs of these apps. Further apps join, up to five,
    while the APIs do not suffice; what five apps lack is drawn from the built-in actions.

    Returns:
        Distinct identifiers, built-in ones first.

    """
    n = generator(seed, "n", slot.key).choice(counts)
    draw = generator(seed, "apis", slot.key, attempt)
    third_party = _from_apps(slot.pool.third_party, n - n // 2, draw)
    builtin = _weighted(slot.pool.builtin, n - len(third_party), draw)
    return builtin + third_party


def _from_apps(apps: Mapping[str, Sequence[str]], wanted: int, draw: random.Random) -> list[str]:
    order = draw.sample(list(apps), min(MOST_APPS, len(apps)))
    n_apps = draw.randint(1, min(wanted, len(order)))
    while n_apps < min(wanted, len(order)) and sum(len(apps[app]) for app in order[:n_apps]) < wanted:
        n_apps += 1
    one_each = [draw.choice(apps[app]) for app in order[:n_apps]]
    others = [api for app in order[:n_apps] for api in apps[app] if api not in one_each]
    return one_each + draw.sample(others, min(wanted - n_apps, len(others)))


def _weighted(weights: Mapping[str, int], wanted: int, draw: random.Random) -> list[str]:
    """Draw distinct keys, each the more likely the heavier (Efraimidis and Spirakis, 2006)."""
    drawn = sorted(weights, key=lambda key: -math.log(1.0 - draw.random()) / weights[key])
    return drawn[:wanted]
