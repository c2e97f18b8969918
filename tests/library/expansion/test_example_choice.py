from collections.abc import Callable

import polars as pl

from workflowbench.expansion.api_pools import ApiPool
from workflowbench.expansion.example_choice import ExamplePool
from workflowbench.expansion.sampling import Slot

SLOT = Slot("Books", 0, ApiPool("id", {}, {}, 1.0))


def test_examples_hold_flat_branching_and_looping_workflows(plain_seeds: pl.DataFrame) -> None:
    chosen = ExamplePool(plain_seeds).choose(SLOT, 0, [], 3, seed=1)
    assert [example.workflow_id for example in chosen] == ["w0", "w1", "w2"]


def test_no_example_is_shown_twice(seeds: Callable[..., pl.DataFrame]) -> None:
    chosen = ExamplePool(seeds({}, {})).choose(SLOT, 0, [], 5, seed=1)
    assert sorted(example.workflow_id for example in chosen) == ["w0", "w1"]


def test_an_example_that_shares_apis_is_preferred(seeds: Callable[..., pl.DataFrame]) -> None:
    pool = ExamplePool(
        seeds(*({"category": "Games"} for _ in range(5)), {"category": "Games", "apis": ["a.b.c"]})
    )
    assert [example.workflow_id for example in pool.choose(SLOT, 0, ["a.b.c"], 1, seed=1)] == ["w5"]


def test_an_example_of_the_same_category_is_preferred(seeds: Callable[..., pl.DataFrame]) -> None:
    pool = ExamplePool(seeds(*({"category": "Games"} for _ in range(5)), {"category": "Books"}))
    assert [example.workflow_id for example in pool.choose(SLOT, 0, [], 1, seed=1)] == ["w5"]


def test_without_seeds_there_are_no_examples(seeds: Callable[..., pl.DataFrame]) -> None:
    assert ExamplePool(seeds()).choose(SLOT, 0, [], 3, seed=1) == []
