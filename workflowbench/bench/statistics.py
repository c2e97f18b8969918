"""Statistics of the dataset: Table 1 and Figure 4 beside those of the paper, and category balance."""

from collections.abc import Iterator, Mapping

import polars as pl

from workflowbench.bench.published import ACTIONS, APPS, CATEGORIES, TABLE_1, Subset
from workflowbench.bench.seed_splits import SETTINGS, SPLIT_NAMES
from workflowbench.catalogue.api import Api
from workflowbench.categories import CATEGORIES as ALL_CATEGORIES
from workflowbench.tables import STATISTICS
from workflowbench.thoughts.rows import UNCATEGORISED

BIN_WIDTH = 15
"""Actions in one bin of the distribution of actions."""

_SAMPLE_FACTS = ("category", "apis", "n_actions", "n_conditionals", "n_loops", "nesting_depth")
_MEANS = {
    "actions": "n_actions",
    "conditionals": "n_conditionals",
    "loops": "n_loops",
    "nesting_depth": "nesting_depth",
}
_OTHER = "other"

FURTHEST = "furthest from an even share"
"""Measure of the category balance: the greatest distance of a category from an even share, in points."""


def dataset_statistics(seeds: pl.DataFrame, samples: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Measure the dataset as the paper does.

    Table 1 counts instances, apps, APIs and categories (`Uncategorised` is none), and averages actions,
    conditionals (`if` and `match` blocks; the paper prints IF), loops and nesting depth (0 is a flat
    workflow; the paper does not define its own). The distributions of Figure 4 are percentages of workflows
    by actions and by category, and of used APIs by app, each API counted once per workflow.

    Args:
        seeds: Rows of `seed_workflows`: the subset `seed`.
        samples: Rows of `workflowbench`: the subset `all`, and by origin `synthetic`.
        splits: Rows of `splits`: the subsets `train`, `dev` and `test`, each in either setting as in the
            paper, and the split of each setting alone, e.g. `ood_test`.

    Returns:
        Rows of `statistics`, sorted by key.
    """
    subsets = {
        "seed": seeds.select(_SAMPLE_FACTS),
        "synthetic": samples.filter(pl.col("origin") == "synthetic").select(_SAMPLE_FACTS),
        "all": samples.select(_SAMPLE_FACTS),
        **{name: rows.select(_SAMPLE_FACTS) for name, rows in _by_split(samples, splits)},
    }
    table = (row for name, rows in subsets.items() for row in _table_1(name, rows))
    parts = ("seed", "synthetic")
    figure = (row for name in parts for row in _figure_4(name, subsets[name]))
    balance = (row for name in parts for row in _category_balance(name, subsets[name]["category"]))
    return STATISTICS.frame([*table, *figure, *balance]).sort(STATISTICS.key)


def action_bin(n_actions: int) -> str:
    """Return the bin of Figure 4 that a number of actions falls into."""
    return list(ACTIONS)[min(n_actions // BIN_WIDTH, len(ACTIONS) - 1)]


def _by_split(samples: pl.DataFrame, splits: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the samples of each split in either setting, and in each setting."""
    for name in SPLIT_NAMES:
        drawn = splits.filter(pl.col("split") == name)
        yield name, samples.join(drawn, on="sample_id", how="semi")
        for setting in SETTINGS:
            of_setting = drawn.filter(pl.col("setting") == setting)
            yield f"{setting}_{name}", samples.join(of_setting, on="sample_id", how="semi")


def _category_balance(subset: str, categories: pl.Series) -> Iterator[dict[str, object]]:
    """Percentages of all 28 categories, and by how much they differ from an even share at most."""
    counts = dict(categories.value_counts().iter_rows())
    percent = {
        name: 100 * counts.get(name, 0) / len(categories) for name in ALL_CATEGORIES if len(categories)
    }
    even = 100 / len(ALL_CATEGORIES)
    furthest = max((abs(value - even) for value in percent.values()), default=None)
    for measure, value in {
        **{name: percent.get(name) for name in ALL_CATEGORIES},
        FURTHEST: furthest,
    }.items():
        yield {
            "figure": "category_balance",
            "measure": measure,
            "subset": subset,
            "unit": "percent",
            "value": value,
            "paper_value": None,
        }


def _table_1(subset: str, rows: pl.DataFrame) -> Iterator[dict[str, object]]:
    apis = rows["apis"].explode().drop_nulls().unique()
    apps = _apps(apis)
    counts = {
        "instances": rows.height,
        "apps": apps.n_unique(),
        "apis": apis.len(),
        "categories": rows.filter(pl.col("category") != UNCATEGORISED)["category"].n_unique(),
    }
    means = rows.select(pl.col(column).mean().alias(measure) for measure, column in _MEANS.items()).row(
        0, named=True
    )
    figures = [(measure, "count", float(count)) for measure, count in counts.items()]
    figures += [(measure, "mean", mean) for measure, mean in means.items()]
    for measure, unit, value in figures:
        yield {
            "figure": "table_1",
            "measure": measure,
            "subset": subset,
            "unit": unit,
            "value": value,
            "paper_value": TABLE_1[measure].get(subset),
        }


def _figure_4(subset: str, rows: pl.DataFrame) -> Iterator[dict[str, object]]:
    actions = rows["n_actions"].map_elements(action_bin, return_dtype=pl.String)
    apps = _apps(rows["apis"].explode().drop_nulls())
    categories = {**CATEGORIES, UNCATEGORISED: {}}
    yield from _distribution("figure_4_actions", subset, actions, ACTIONS)
    yield from _distribution("figure_4_apps", subset, apps, APPS)
    yield from _distribution("figure_4_categories", subset, rows["category"], categories)


def _apps(identifiers: pl.Series) -> pl.Series:
    return identifiers.map_elements(lambda identifier: Api(identifier).app, return_dtype=pl.String)


def _distribution(
    figure: str, subset: str, values: pl.Series, published: Mapping[str, Subset]
) -> Iterator[dict[str, object]]:
    """Percentages over the paper's bins; a value that has no bin counts as `other`."""
    counts = dict.fromkeys(published, 0)
    for value, count in values.value_counts().iter_rows():
        counts[value if value in counts else _OTHER] += count
    for measure, count in counts.items():
        yield {
            "figure": figure,
            "measure": measure,
            "subset": subset,
            "unit": "percent",
            "value": 100 * count / len(values) if len(values) else None,
            "paper_value": published[measure].get(subset),
        }
