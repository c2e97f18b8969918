"""The split of each collected workflow, drawn before anything is derived from it.

There are two settings, each with a training of its own. In `id` the test asks for unseen workflows of known
APIs, in `ood` for workflows of unseen APIs.

- A family of near duplicates is drawn as a whole, by a hash of the seed and the family. Added workflows move
  no other family, and the fractions hold in expectation, counted in families.
- `id`: the draw is the split.
- `ood`: a workflow that uses held-out APIs, and beside them only common ones, is `test`, whatever was drawn.
  Any other one that uses a held-out API, or has a member of its family in the test, is `excluded`. The rest
  is as drawn, but what `id` tests is `excluded`, so that one model can be tested in both settings.

Only a workflow that is `train` in the setting of a row may be shown to whoever writes that row.

A family's id is its smallest workflow id. A new workflow that joins two families, or that has a smaller id
than all others of its family, changes that id, and so may move the family, whole, to another split: compare
the splits of two releases before comparing figures measured on them.
"""

from collections.abc import Collection

import polars as pl

from workflowbench.bench.api_pools import apis_in
from workflowbench.bench.drawing import draw
from workflowbench.tables import SEED_SPLITS

SETTINGS = ("id", "ood")
"""Settings in which the dataset is split."""

SPLIT_NAMES = ("train", "dev", "test")
"""Splits of a setting; what is in none of them is `excluded`."""


def seed_split(
    seeds: pl.DataFrame, pools: pl.DataFrame, *, seed: int, dev: float, test: float
) -> pl.DataFrame:
    """Assign each collected workflow to a split in each setting.

    Args:
        seeds: Rows of `seed_workflows`.
        pools: Rows of `api_pools`.
        seed: Seed of the draw; another seed is another draw.
        dev: Expected fraction of families in dev, from 0 to 1.
        test: Expected fraction of families in test, from 0 to 1.

    Returns:
        Rows of `seed_splits`, sorted by key.

    Raises:
        ValueError: A fraction is negative, or both together exceed 1.
    """
    if min(dev, test) < 0 or dev + test > 1:
        raise ValueError(
            f"dev is {dev} and test is {test}; give fractions of at least 0 that add up to at most 1"
        )
    drawn = {family: _draw(seed, family, dev, test) for family in seeds["family"].unique()}
    rows = seeds.select(
        "workflow_id",
        "family",
        uses_of(pl.col("apis"), pools),
        drawn=pl.col("family").replace_strict(drawn, return_dtype=pl.String),
    ).with_columns(is_test_family=(pl.col("use") == "test").any().over("family"))
    return pl.concat([_id_splits(rows), _ood_splits(rows)]).sort(SEED_SPLITS.key)


def uses_of(apis: pl.Expr, pools: pl.DataFrame) -> pl.Expr:
    """Tell what the use of some APIs means in the `ood` setting, as the column `use`.

    `test`: held-out APIs and otherwise common ones or the language; `mixed`: held-out APIs and uncommon ones;
    `free`: no held-out API.

    Args:
        apis: Lists of API identifiers.
        pools: Rows of `api_pools`.
    """
    held_out = _share(apis, apis_in(pools, "held_out"))
    common = _share(apis, apis_in(pools, "common", "language"))
    return (
        pl.when(held_out == 0)
        .then(pl.lit("free"))
        .when(held_out + common == apis.list.len())
        .then(pl.lit("test"))
        .otherwise(pl.lit("mixed"))
        .alias("use")
    )


def _share(apis: pl.Expr, pool: Collection[str]) -> pl.Expr:
    return apis.list.eval(pl.element().is_in(list(pool))).list.sum()


def _draw(seed: int, family: str, dev: float, test: float) -> str:
    place = draw(seed, family)
    if place < test:
        return "test"
    return "dev" if place < test + dev else "train"


def _id_splits(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(setting=pl.lit("id"), split="drawn", reason=pl.lit(None, pl.String)).select(
        SEED_SPLITS.schema.names()
    )


def _ood_splits(rows: pl.DataFrame) -> pl.DataFrame:
    use = pl.col("use")
    reason = (
        pl.when(use == "test")
        .then(pl.lit(None, pl.String))
        .when(use == "mixed")
        .then(pl.lit("uncommon_apis_beside_held_out"))
        .when("is_test_family")
        .then(pl.lit("family_in_test"))
        .when(pl.col("drawn") == "test")
        .then(pl.lit("test_of_id"))
    )
    split = (
        pl.when(use == "test")
        .then(pl.lit("test"))
        .when(pl.col("reason").is_not_null())
        .then(pl.lit("excluded"))
        .otherwise("drawn")
    )
    return (
        rows.with_columns(setting=pl.lit("ood"), reason=reason)
        .with_columns(split=split)
        .select(SEED_SPLITS.schema.names())
    )
