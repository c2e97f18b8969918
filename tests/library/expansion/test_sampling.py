from collections import Counter
from collections.abc import Callable, Mapping

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.catalogue import Api
from workflowbench.categories import CATEGORIES
from workflowbench.expansion.api_pools import ApiPool, api_pools
from workflowbench.expansion.sampling import MOST_APPS, Slot, api_counts, quotas, sample_apis, slots

PREFIX = "is.workflow.actions."
WIDE = ApiPool(
    "id",
    {f"{PREFIX}a{number}": number + 1 for number in range(60)},
    {f"com_app_n{app}": tuple(f"com.app.n{app}.t{number}" for number in range(8)) for app in range(20)},
    1.0,
)


@given(st.integers(0, 5000))
def test_quotas_differ_by_one_at_most_and_add_up(count: int) -> None:
    shares = quotas(count, CATEGORIES)
    assert sum(shares.values()) == count
    assert max(shares.values()) - min(shares.values()) <= 1


@given(st.integers(500, 5000))
def test_every_category_is_within_a_fifth_of_a_point_of_its_share(count: int) -> None:
    shares = quotas(count, CATEGORIES)
    assert max(abs(share / count - 1 / 28) for share in shares.values()) <= 0.002


def test_more_slots_begin_with_the_same_slots() -> None:
    few = list(slots(40, CATEGORIES, [WIDE], seed=7))
    assert few[:28] == list(slots(90, CATEGORIES, [WIDE], seed=7))[:28]
    assert {slot.key for slot in few} < {slot.key for slot in slots(90, CATEGORIES, [WIDE], seed=7)}


def test_pools_get_their_share_in_every_category() -> None:
    ood = ApiPool("ood", {}, {"com_new_app": ("com.new.app.x",)}, 0.25)
    main = ApiPool("id", WIDE.builtin, WIDE.third_party, 0.75)
    found = Counter(
        slot.category for slot in slots(2800, CATEGORIES, [main, ood], seed=1) if slot.pool is ood
    )
    assert set(found) == set(CATEGORIES)
    assert all(23 <= number <= 27 for number in found.values())


@given(st.integers(0, 300), st.integers(2, 30))
def test_half_of_the_apis_are_built_in(number: int, n: int) -> None:
    apis = sample_apis(Slot("Books", number, WIDE), 0, [n], seed=1)
    assert len(set(apis)) == len(apis) == n
    assert sum(api.startswith(PREFIX) for api in apis) == n // 2


@given(st.integers(0, 300))
def test_other_apis_come_from_one_to_five_apps(number: int) -> None:
    apis = sample_apis(Slot("Books", number, WIDE), 0, [20], seed=1)
    apps = {api.rsplit(".", 1)[0] for api in apis if not api.startswith(PREFIX)}
    assert 1 <= len(apps) <= MOST_APPS


def test_builtin_actions_fill_in_for_apps_with_few_apis(
    pool_catalogue: Mapping[str, Api], plain_seeds: pl.DataFrame
) -> None:
    (pool,) = api_pools(pool_catalogue, plain_seeds)
    apis = sample_apis(Slot("Books", 0, pool), 0, [13], seed=1)
    assert set(apis) == set(pool_catalogue)


def test_frequent_actions_are_sampled_more_often() -> None:
    drawn = Counter(
        api for number in range(600) for api in sample_apis(Slot("Books", number, WIDE), 0, [10], seed=1)
    )
    assert drawn[f"{PREFIX}a59"] > 5 * drawn[f"{PREFIX}a1"]


def test_another_attempt_draws_other_apis_of_the_same_number() -> None:
    slot = Slot("Books", 3, WIDE)
    first, second = (sample_apis(slot, attempt, range(2, 31), seed=1) for attempt in (0, 1))
    assert len(first) == len(second)
    assert first != second


def test_the_distribution_counts_distinct_apis_and_no_constructs(seeds: Callable[..., pl.DataFrame]) -> None:
    rows = (
        [PREFIX + "url"] * 3 + [PREFIX + "alert"],
        [PREFIX + "url", PREFIX + "setvariable", PREFIX + "gettext"],
        [f"com.app.x.{number}" for number in range(31)],
        [f"com.app.x.{number}" for number in range(30)],
    )
    assert api_counts(seeds(*({"apis": apis} for apis in rows))) == (2, 30)


def test_a_distribution_without_seeds_is_refused(seeds: Callable[..., pl.DataFrame]) -> None:
    with pytest.raises(ValueError, match="collect some first"):
        api_counts(seeds())
