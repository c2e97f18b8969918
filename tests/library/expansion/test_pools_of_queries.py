from collections.abc import Callable, Mapping
from dataclasses import replace

import polars as pl
import pytest

from workflowbench.catalogue import Api, Catalogue
from workflowbench.catalogue.constructs import CONSTRUCTS, ENDINGS
from workflowbench.expansion.api_pools import api_pools

PREFIX = "is.workflow.actions."


def test_without_held_out_apis_there_is_one_pool_of_everything(
    pool_catalogue: Mapping[str, Api], plain_seeds: pl.DataFrame
) -> None:
    (pool,) = api_pools(pool_catalogue, plain_seeds)
    assert pool.name == "id"
    assert pool.share == 1
    owned = [api for apis in pool.third_party.values() for api in apis]
    assert {*pool.builtin, *owned} == set(pool_catalogue)


def test_a_held_out_api_is_in_the_ood_pool_only(
    pool_catalogue: Mapping[str, Api], plain_seeds: pl.DataFrame
) -> None:
    held_out = {"com.two.app.thing0", "com.two.app.thing1", PREFIX + "date"}
    id_pool, ood_pool = api_pools(pool_catalogue, plain_seeds, held_out=held_out, common={PREFIX + "url"})
    assert "com_two_app" not in id_pool.third_party
    assert PREFIX + "date" not in id_pool.builtin
    assert set(ood_pool.third_party) == {"com_two_app"}
    assert set(ood_pool.builtin) == {PREFIX + "date", PREFIX + "url"}


def test_shares_of_the_pools_are_the_whole(
    pool_catalogue: Mapping[str, Api], plain_seeds: pl.DataFrame
) -> None:
    pools = api_pools(pool_catalogue, plain_seeds, held_out={"com.one.app.thing0"}, ood_share=0.25)
    assert [pool.share for pool in pools] == [0.75, 0.25]


def test_a_builtin_action_weighs_one_more_than_the_seeds_that_use_it(
    pool_catalogue: Mapping[str, Api], plain_seeds: pl.DataFrame
) -> None:
    (pool,) = api_pools(pool_catalogue, plain_seeds)
    assert pool.builtin[PREFIX + "url"] == 4
    assert pool.builtin[PREFIX + "date"] == 1


def test_constructs_and_endings_are_never_asked_for(catalogue: Catalogue, plain_seeds: pl.DataFrame) -> None:
    assert set(catalogue) >= CONSTRUCTS | ENDINGS
    (pool,) = api_pools(catalogue, plain_seeds)
    assert not set(pool.builtin) & (CONSTRUCTS | ENDINGS)


def test_an_observed_api_is_never_asked_for(
    pool_catalogue: Mapping[str, Api], plain_seeds: pl.DataFrame
) -> None:
    observed = {key: replace(api, origin="observed") for key, api in pool_catalogue.items() if ".one." in key}
    (pool,) = api_pools({**pool_catalogue, **observed}, plain_seeds)
    assert "com_one_app" not in pool.third_party


def test_a_pool_without_another_app_is_refused(
    pool_catalogue: Mapping[str, Api], seeds: Callable[..., pl.DataFrame]
) -> None:
    with pytest.raises(ValueError, match="`ood` has no documented API of another app"):
        api_pools(pool_catalogue, seeds(), held_out={PREFIX + "date"})
