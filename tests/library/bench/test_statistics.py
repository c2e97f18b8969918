from collections.abc import Callable

import polars as pl
import pytest

from workflowbench.bench.published import ACTIONS, APPS, CATEGORIES, TABLE_1
from workflowbench.bench.samples import workflowbench_samples
from workflowbench.bench.statistics import FURTHEST, action_bin, dataset_statistics
from workflowbench.tables import CONFIRMED_WORKFLOWS, SPLITS, STATISTICS

Seeds = Callable[..., pl.DataFrame]


def statistics(seeds: pl.DataFrame) -> pl.DataFrame:
    samples, _ = workflowbench_samples(seeds, CONFIRMED_WORKFLOWS.frame())
    return dataset_statistics(seeds, samples, in_train(samples))


def in_train(samples: pl.DataFrame) -> pl.DataFrame:
    """Splits of samples that are all in train of `id` and in test of `ood`."""
    return SPLITS.frame(
        {"sample_id": key, "setting": setting, "family": key, "split": split}
        for key in samples["sample_id"]
        for setting, split in (("id", "train"), ("ood", "test"))
    )


def value(table: pl.DataFrame, figure: str, measure: str, subset: str) -> float | None:
    key = {"figure": figure, "measure": measure, "subset": subset}
    return table.filter(**key)["value"].item()


def test_table_1_counts_and_averages(seeds: Seeds):
    table = statistics(
        seeds(
            {
                "apis": ["is.workflow.actions.url", "com.a.b.c"],
                "n_actions": 4,
                "n_loops": 1,
                "category": "Games",
            },
            {"apis": ["is.workflow.actions.url", "com.a.b.d"], "n_actions": 8, "category": "Uncategorised"},
        )
    )
    found = {measure: value(table, "table_1", measure, "seed") for measure in TABLE_1}
    assert found == {
        "instances": 2,
        "apps": 2,
        "apis": 3,
        "categories": 1,
        "actions": 6.0,
        "conditionals": 0.0,
        "loops": 0.5,
        "nesting_depth": 0.0,
    }


def test_the_paper_stands_beside(seeds: Seeds):
    row = (
        statistics(seeds({})).filter(figure="table_1", measure="instances", subset="train").row(0, named=True)
    )
    assert (row["value"], row["paper_value"]) == (1.0, 105_573.0)


def test_an_empty_subset_counts_nothing_and_has_no_mean(seeds: Seeds):
    table = statistics(seeds({}))
    assert value(table, "table_1", "instances", "dev") == 0
    assert value(table, "table_1", "actions", "dev") is None
    assert value(table, "figure_4_actions", "0-15", "synthetic") is None


@pytest.mark.parametrize(
    ("n_actions", "bin_"),
    [(0, "0-15"), (14, "0-15"), (15, "15-30"), (104, "90-105"), (105, "105 or more"), (999, "105 or more")],
)
def test_the_lower_bound_belongs_to_a_bin(n_actions: int, bin_: str):
    assert action_bin(n_actions) == bin_


def test_distributions_are_percentages_over_the_bins(seeds: Seeds):
    table = statistics(
        seeds(
            {
                "category": "Utilities",
                "n_actions": 20,
                "apis": ["is.workflow.actions.url", "com.omnigroup.OmniFocus3.add"],
            },
            {"category": "Kids", "apis": ["is.workflow.actions.url", "com.a.b.c"]},
        )
    )
    assert value(table, "figure_4_actions", "15-30", "seed") == 50.0
    assert value(table, "figure_4_categories", "Utilities", "seed") == 50.0
    assert value(table, "figure_4_categories", "other", "seed") == 50.0
    assert value(table, "figure_4_apps", "com_omnigroup_OmniFocus3", "seed") == 25.0
    assert value(table, "figure_4_apps", "other", "seed") == 25.0


def test_uncategorised_is_told_apart(seeds: Seeds):
    assert (
        value(
            statistics(seeds({"category": "Uncategorised"})), "figure_4_categories", "Uncategorised", "seed"
        )
        == 100.0
    )


@pytest.mark.parametrize("figure", ["figure_4_actions", "figure_4_categories", "figure_4_apps"])
def test_a_distribution_adds_up(figure: str, seeds: Seeds):
    table = statistics(seeds({}, {"category": "Books", "n_actions": 50}, {"n_actions": 200}))
    assert table.filter(figure=figure, subset="seed")["value"].sum() == pytest.approx(100)


@pytest.mark.parametrize(
    ("published", "subset"),
    [(ACTIONS, "seed"), (ACTIONS, "synthetic"), (CATEGORIES, "seed"), (APPS, "seed"), (APPS, "synthetic")],
)
def test_the_published_percentages_add_up_but_for_rounding(
    published: dict[str, dict[str, float]], subset: str
):
    assert sum(figures.get(subset, 0) for figures in published.values()) == pytest.approx(100, abs=1.0)


def test_the_table_has_its_schema_and_one_row_per_key(seeds: Seeds):
    table = statistics(seeds({}))
    assert table.schema == STATISTICS.schema
    assert table.select(STATISTICS.key).is_unique().all()


def test_no_workflow_at_all_is_measured(seeds: Seeds):
    assert value(statistics(seeds()), "table_1", "instances", "all") == 0


def test_each_setting_is_measured_alone_and_together(seeds: Seeds):
    table = statistics(seeds({}, {}))
    subsets = ("id_train", "id_test", "ood_train", "ood_test", "train", "test")
    counts = [value(table, "table_1", "instances", subset) for subset in subsets]
    assert counts == [2, 0, 0, 2, 2, 2]


def test_the_balance_of_categories_is_measured_over_all_of_them(seeds: Seeds):
    table = statistics(seeds({"category": "Kids"}, {"category": "Books"}))
    assert value(table, "category_balance", "Kids", "seed") == 50
    assert value(table, "category_balance", "Sports", "seed") == 0
    assert value(table, "category_balance", FURTHEST, "seed") == pytest.approx(50 - 100 / 28)
    assert value(table, "category_balance", FURTHEST, "synthetic") is None
