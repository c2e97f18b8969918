"""Splits of WorkflowBench, closed under derivation, in two settings.

A collected sample keeps the split of its workflow, see `seed_splits`; whatever is generated later, no test
changes by it. A collected sample of a test or dev of known APIs (all but the `ood` test) is excluded if it
uses an API that no collected training sample uses (`api_not_in_train`).

A synthetic sample of the `ood` setting that uses held-out APIs, and otherwise is given and uses only common
ones, is `test`. Every other one is `train`, unless training on it would leak; it is excluded then, for the
first of these reasons:

- `uncommon_apis_beside_held_out`: it uses or was given a held-out API, and is no test sample;
- `family_in_train`: it would be a test sample, but is a near duplicate of a training or dev one;
- `family_in_test`, `family_in_dev`, `family_in_test_of_id`: it is a near duplicate of such a sample;
- `derived_from_test`, `derived_from_dev`, `derived_from_test_of_id`: such a row, or one of its family, is
  among its ancestors;
- `derived_from_held_out_api`: an ancestor uses a held-out API.

So dev and the `id` test hold workflows that people made. A test sample may be derived from training rows.
"""

from collections.abc import Collection, Mapping

import polars as pl

from workflowbench.bench.api_pools import apis_in
from workflowbench.bench.derivation import Derivation
from workflowbench.bench.seed_splits import SETTINGS, uses_of
from workflowbench.tables import SPLITS

_EVALUATION = ("test", "dev", "test_of_id")
"""What training may not see: two splits, and in `ood` what `id` tests."""


def split_samples(derivation: Derivation, seed_splits: pl.DataFrame, pools: pl.DataFrame) -> pl.DataFrame:
    """Assign each sample to a split in each setting.

    Args:
        derivation: The samples and what they were derived from.
        seed_splits: Rows of `seed_splits`.
        pools: Rows of `api_pools`.

    Returns:
        Rows of `splits`, sorted by key.

    Raises:
        ValueError: A collected sample has no row in `seed_splits`, or an API none in `api_pools`.
    """
    _refuse_unknown_apis(derivation.samples, pools)
    collected = _collected(derivation.samples, seed_splits)
    synthetic = [
        _synthetic(setting, derivation, seed_splits.filter(setting=setting), pools) for setting in SETTINGS
    ]
    return pl.concat([collected, *synthetic]).sort(SPLITS.key)


def _refuse_unknown_apis(samples: pl.DataFrame, pools: pl.DataFrame) -> None:
    named = samples.select(identifier=pl.concat_list("apis", "given_apis").explode()).drop_nulls()
    unknown = named.unique().join(pools, on="identifier", how="anti").sort("identifier")
    if unknown.height:
        raise ValueError(
            f"{unknown.height} APIs have no pool, e.g. {unknown['identifier'][0]}: rebuild api_pools"
        )


def _collected(samples: pl.DataFrame, seed_splits: pl.DataFrame) -> pl.DataFrame:
    collected = samples.filter(origin="collected")
    splits = collected.select("sample_id", "apis").join(
        seed_splits, left_on="sample_id", right_on="workflow_id"
    )
    missing = collected.join(splits, on="sample_id", how="anti")
    if missing.height:
        raise ValueError(
            f"{missing.height} samples have no seed split, e.g. {missing['sample_id'][0]}: "
            "rebuild seed_splits"
        )
    known = [_known_apis(splits.filter(setting=setting)) for setting in SETTINGS]
    parts = [splits.filter(setting=setting) for setting in SETTINGS]
    return pl.concat(map(_without_unknown_apis, parts, known))


def _known_apis(splits: pl.DataFrame) -> list[str]:
    return splits.filter(split="train")["apis"].explode().drop_nulls().unique().to_list()


def _without_unknown_apis(splits: pl.DataFrame, known: list[str]) -> pl.DataFrame:
    """Exclude from the dev and test of known APIs what uses an unknown one."""
    of_known_apis = (pl.col("split") == "dev") | ((pl.col("split") == "test") & (pl.col("setting") == "id"))
    is_unknown = ~pl.col("apis").list.eval(pl.element().is_in(known)).list.all()
    return splits.with_columns(
        split=pl.when(of_known_apis & is_unknown).then(pl.lit("excluded")).otherwise("split"),
        reason=pl.when(of_known_apis & is_unknown).then(pl.lit("api_not_in_train")).otherwise("reason"),
    ).select(SPLITS.schema.names())


def _synthetic(
    setting: str, derivation: Derivation, seed_splits: pl.DataFrame, pools: pl.DataFrame
) -> pl.DataFrame:
    """Split the synthetic samples of one setting."""
    apis = pl.concat_list("apis", "given_apis").list.unique()
    rows = derivation.samples.filter(origin="synthetic").select("sample_id", "family", uses_of(apis, pools))
    if setting == "id":
        rows = rows.with_columns(use=pl.lit("free"))
    seen = _families(seed_splits, pl.col("split").is_in(["train", "dev"]))
    is_test = (pl.col("use") == "test") & ~pl.col("family").is_in(seen)
    tested = rows.filter(is_test)["family"].to_list()
    families = {
        "test": [*tested, *_families(seed_splits, pl.col("split") == "test")],
        "dev": _families(seed_splits, pl.col("split") == "dev"),
        "test_of_id": _families(seed_splits, pl.col("reason") == "test_of_id"),
    }
    derived = {
        name: derivation.derived_from(derivation.nodes_of_families(families[name])) for name in families
    }
    if setting == "ood":
        held_out = derivation.nodes_using(apis_in(pools, "held_out"))
        derived["held_out_api"] = derivation.derived_from(held_out)
    return (
        _with_reasons(rows, is_test, families, derived)
        .with_columns(setting=pl.lit(setting))
        .select(SPLITS.schema.names())
    )


def _families(splits: pl.DataFrame, condition: pl.Expr) -> list[str]:
    return splits.filter(condition)["family"].unique().to_list()


def _with_reasons(
    rows: pl.DataFrame,
    is_test: pl.Expr,
    families: Mapping[str, Collection[str]],
    derived: Mapping[str, Collection[str]],
) -> pl.DataFrame:
    use = pl.col("use")
    conditions = {
        "uncommon_apis_beside_held_out": use == "mixed",
        "family_in_train": use == "test",
        **{f"family_in_{name}": pl.col("family").is_in(list(found)) for name, found in families.items()},
        **{f"derived_from_{name}": pl.col("sample_id").is_in(list(found)) for name, found in derived.items()},
    }
    reason = pl.coalesce(pl.when(condition).then(pl.lit(name)) for name, condition in conditions.items())
    split = (
        pl.when(is_test)
        .then(pl.lit("test"))
        .when(pl.col("reason").is_null())
        .then(pl.lit("train"))
        .otherwise(pl.lit("excluded"))
    )
    return rows.with_columns(reason=pl.when(~is_test).then(reason)).with_columns(split=split)
