import polars as pl

from workflowbench.generation.seed_index import SeedIndex

SEEDS = pl.DataFrame(
    {
        "workflow_id": ["a", "b", "c", "d"],
        "query": ["Show the weather of today", "Play some music", "Play the radio", "Play the radio"],
        "apis": [["weather"], ["music", "alert"], ["radio"], ["radio"]],
    }
)


def test_the_seed_that_shares_words_is_nearest() -> None:
    assert SeedIndex(SEEDS).nearest("What will the weather be?", [], 1) == ["a"]


def test_the_seed_that_shares_apis_is_nearest() -> None:
    assert SeedIndex(SEEDS).nearest("", ["music"], 1) == ["b"]


def test_equal_seeds_come_in_the_order_of_their_ids() -> None:
    assert SeedIndex(SEEDS.reverse()).nearest("Play the radio", ["radio"], 2) == ["c", "d"]


def test_words_and_apis_that_no_seed_has_count_for_nothing() -> None:
    index = SeedIndex(SEEDS)
    assert index.nearest("weather zebra", ["unknown"], 4) == index.nearest("weather", [], 4)


def test_an_empty_index_has_no_seed() -> None:
    assert SeedIndex(SEEDS.clear()).nearest("Play the radio", ["radio"], 3) == []
