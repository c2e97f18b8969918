"""Statistics of the dataset beside those of the paper: Table 1 and the distributions of Figure 4."""

from collections.abc import Iterator, Mapping

import polars as pl

from workflowbench.bench.published import ACTIONS, APPS, CATEGORIES, TABLE_1, Subset
from workflowbench.catalogue.api import Api
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


def dataset_statistics(seeds: pl.DataFrame, samples: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Measure the dataset as the paper does.

    Table 1 counts instances, apps, APIs and categories (`Uncategorised` is none), and averages actions,
    conditionals (`if` and `match` blocks; the paper prints IF), loops and nesting depth (0 is a flat
    workflow; the paper does not define its own). The distributions of Figure 4 are percentages of workflows
    by actions and by category, and of used APIs by app, each API counted once per workflow.

    Args:
        seeds: Rows of `seed_workflows`: the subset `seed`.
        samples: Rows of `workflowbench`: the subset `all`, and by origin `synthetic`.
        splits: Rows of `splits`: the subsets `train`, `dev` and `test`.

    Returns:
        Rows of `statistics`, sorted by key.
    """
    split_samples = samples.join(splits.select("sample_id", "split"), on="sample_id")
    subsets = {
        "seed": seeds.select(_SAMPLE_FACTS),
        "synthetic": samples.filter(pl.col("origin") == "synthetic").select(_SAMPLE_FACTS),
        "all": samples.select(_SAMPLE_FACTS),
        **{
            split: split_samples.filter(pl.col("split") == split).select(_SAMPLE_FACTS)
            for split in ("train", "dev", "test")
        },
    }
    table = (row for name, rows in subsets.items() for row in _table_1(name, rows))
    figure = (row for name in ("seed", "synthetic") for row in _figure_4(name, subsets[name]))
    return STATISTICS.frame([*table, *figure]).sort(STATISTICS.key)


def action_bin(n_actions: int) -> str:
    """Return the bin of Figure 4 that a number of actions falls into."""
    return list(ACTIONS)[min(n_actions // BIN_WIDTH, len(ACTIONS) - 1)]


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
