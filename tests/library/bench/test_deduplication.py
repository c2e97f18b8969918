from typing import Any

import polars as pl
import pytest

from workflowbench.bench.deduplication import seed_workflows
from workflowbench.tables import SEED_WORKFLOWS, SEED_WORKFLOWS_DROPPED

LETTERS = [chr(ord("a") + number) for number in range(26)]


def kept_and_dropped(
    corpus: Any, threshold: float = 0.8
) -> tuple[list[str], dict[str, tuple[str, str | None]]]:
    """Raw ids of the seeds; rule and twin of each dropped raw id."""
    seeds, dropped = seed_workflows(*corpus.tables, threshold=threshold)
    rules = {row["row_id"]: (row["rule"], row["twin_id"]) for row in dropped.iter_rows(named=True)}
    return sorted(seeds["raw_id"]), rules


def test_different_workflows_are_all_kept(corpus: Any):
    corpus.add("a", LETTERS[:13])
    corpus.add("b", LETTERS[13:])
    assert kept_and_dropped(corpus) == (["a", "b"], {})


def test_the_newest_version_of_a_place_is_kept(corpus: Any):
    corpus.add("old", LETTERS[:13], path="p", day=1)
    corpus.add("new", LETTERS[13:], path="p", day=2)
    assert kept_and_dropped(corpus) == (["new"], {"old": ("superseded", "new")})


def test_a_version_offered_at_another_place_is_not_superseded(corpus: Any):
    corpus.add("old", LETTERS[:13], path="p", day=1)
    corpus.add("new", LETTERS[13:], path="p", day=2)
    corpus.add("old", LETTERS[:13], path="q", day=1)
    assert kept_and_dropped(corpus) == (["new", "old"], {})


def test_a_withdrawn_place_loses_all_its_versions(corpus: Any):
    corpus.add("old", LETTERS[:13], path="p", day=1)
    corpus.add("new", LETTERS[13:], path="p", day=2)
    corpus.withdraw("p", day=3)
    assert kept_and_dropped(corpus) == ([], {"old": ("withdrawn", None), "new": ("withdrawn", None)})


def test_a_withdrawal_at_the_same_instant_wins(corpus: Any):
    corpus.add("a", LETTERS, path="p", day=1)
    corpus.withdraw("p", day=1)
    assert kept_and_dropped(corpus) == ([], {"a": ("withdrawn", None)})


def test_a_shortcut_that_was_offered_again_is_kept(corpus: Any):
    corpus.add("a", LETTERS, path="p", day=1)
    corpus.withdraw("p", day=2)
    corpus.add("a", LETTERS, path="p", day=3)
    assert kept_and_dropped(corpus) == (["a"], {})


def test_a_newer_version_that_was_not_annotated_supersedes_nothing(corpus: Any):
    corpus.add("old", LETTERS[:13], path="p", day=1)
    corpus.add("new", LETTERS[13:], path="p", day=2)
    raw, transcribed, annotated = corpus.tables
    seeds, _ = seed_workflows(raw, transcribed, annotated.filter(pl.col("raw_id") == "old"))
    assert seeds["raw_id"].to_list() == ["old"]


def test_exact_duplicates_keep_the_newest(corpus: Any):
    for raw_id, day in (("a", 1), ("b", 3), ("c", 2)):
        corpus.add(raw_id, LETTERS, day=day, workflow_id="w")
    assert kept_and_dropped(corpus) == (["b"], {"a": ("exact_duplicate", "b"), "c": ("exact_duplicate", "b")})


def test_a_near_duplicate_names_its_twin_and_what_was_measured(corpus: Any):
    corpus.add("old", LETTERS, day=1)
    corpus.add("new", [*LETTERS[:-1], "!"], day=2)
    _, dropped = seed_workflows(*corpus.tables)
    row = dropped.row(0, named=True)
    assert (row["row_id"], row["rule"], row["twin_id"]) == ("old", "near_duplicate", "new")
    assert (row["threshold"], row["observed"]) == (0.8, 23 / 25)


def test_near_duplicates_of_one_age_keep_the_longest(corpus: Any):
    corpus.add("short", LETTERS[:-1])
    corpus.add("long", LETTERS)
    assert kept_and_dropped(corpus)[0] == ["long"]


def test_a_chain_of_near_duplicates_is_not_merged_into_one(corpus: Any):
    # Each is similar enough to its neighbours (0.8 and more), but the ends are not to each other.
    corpus.add("first", LETTERS[:22], day=3)
    corpus.add("middle", LETTERS[2:24], day=2)
    corpus.add("last", LETTERS[4:26], day=1)
    assert kept_and_dropped(corpus) == (["first", "last"], {"middle": ("near_duplicate", "first")})


def test_a_family_holds_all_that_are_chained_but_drops_none_of_them(corpus: Any):
    corpus.add("first", LETTERS[:22], day=3)
    corpus.add("middle", LETTERS[2:24], day=2)
    corpus.add("last", LETTERS[4:26], day=1)
    corpus.add("other", LETTERS[::-1])
    seeds, _ = seed_workflows(*corpus.tables)
    families = dict(zip(seeds["raw_id"], seeds["family"], strict=True))
    assert families == {"first": "w-first", "last": "w-first", "other": "w-other"}


def test_a_family_is_kept_together_through_a_dropped_workflow(corpus: Any):
    corpus.add("z", LETTERS[:22], day=3)
    corpus.add("a", LETTERS[2:24], day=2)
    seeds, _ = seed_workflows(*corpus.tables)
    assert seeds.select("raw_id", "family").row(0) == ("z", "w-a")


def test_tiny_workflows_are_no_near_duplicates_but_one_family(corpus: Any):
    corpus.add("a", LETTERS[:7])
    corpus.add("b", LETTERS[:7])
    seeds, dropped = seed_workflows(*corpus.tables)
    assert dropped.is_empty()
    assert seeds["family"].unique().to_list() == ["w-a"]


def test_from_eight_tokens_on_equal_structures_are_near_duplicates(corpus: Any):
    corpus.add("a", LETTERS[:8])
    corpus.add("b", LETTERS[:8])
    assert kept_and_dropped(corpus) == (["a"], {"b": ("near_duplicate", "a")})


def test_the_threshold_decides(corpus: Any):
    corpus.add("old", LETTERS, day=1)
    corpus.add("new", [*LETTERS[:-1], "!"], day=2)
    assert kept_and_dropped(corpus, threshold=0.95) == (["new", "old"], {})


@pytest.mark.parametrize("threshold", [0.69, 1.01])
def test_a_threshold_below_that_of_a_family_is_refused(corpus: Any, threshold: float):
    with pytest.raises(ValueError, match="threshold"):
        seed_workflows(*corpus.tables, threshold=threshold)


def test_every_row_is_kept_or_dropped_once_in_any_order(corpus: Any):
    for number in range(40):
        start = number % 7
        corpus.add(f"r{number:02}", LETTERS[start : start + 19], path=f"p{number % 25}", day=number % 3)
    corpus.withdraw("p3", day=9)
    seeds, dropped = seed_workflows(*corpus.tables)
    assert sorted([*seeds["raw_id"], *dropped["row_id"]]) == sorted(corpus.annotated["raw_id"])
    shuffled = [table.sample(fraction=1, shuffle=True, seed=5) for table in corpus.tables]
    again = seed_workflows(*shuffled)
    assert again[0].equals(seeds)
    assert again[1].equals(dropped)


def test_a_row_fetched_in_two_scrapes_is_one_row(corpus: Any):
    corpus.add("a", LETTERS, path="p", day=1)
    corpus.add("a", LETTERS, path="p", day=2)
    assert kept_and_dropped(corpus) == (["a"], {})


def test_tables_have_their_schema_even_when_empty(corpus: Any):
    seeds, dropped = seed_workflows(*corpus.tables)
    assert seeds.schema == SEED_WORKFLOWS.schema
    assert dropped.schema == SEED_WORKFLOWS_DROPPED.schema


def test_an_annotated_row_without_its_raw_row_is_an_error(corpus: Any):
    corpus.add("a", LETTERS)
    raw, transcribed, annotated = corpus.tables
    with pytest.raises(ValueError, match="raw_shortcuts"):
        seed_workflows(raw.clear(), transcribed, annotated)
    with pytest.raises(ValueError, match="transcribed_workflows"):
        seed_workflows(raw, transcribed.clear(), annotated)
