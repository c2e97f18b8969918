from collections.abc import Callable

import polars as pl
import pytest

from workflowbench.bench.seed_splits import seed_split
from workflowbench.tables import API_POOLS, SEED_SPLITS

NO_POOLS = API_POOLS.frame()


def families(count: int, size: int = 1) -> pl.DataFrame:
    rows = [
        {"workflow_id": f"w{number}-{member}", "family": f"f{number}", "apis": ["a"]}
        for number in range(count)
        for member in range(size)
    ]
    return pl.DataFrame(
        rows, schema={"workflow_id": pl.String, "family": pl.String, "apis": pl.List(pl.String)}
    )


def split(seeds: pl.DataFrame, *, seed: int = 1, dev: float, test: float) -> pl.DataFrame:
    return seed_split(seeds, NO_POOLS, seed=seed, dev=dev, test=test).filter(setting="id")


def test_a_family_is_never_divided():
    splits = split(families(200, size=3), dev=0.3, test=0.3)
    assert splits.group_by("family").agg(pl.col("split").n_unique())["split"].unique().to_list() == [1]


def test_fractions_hold_in_expectation():
    splits = split(families(5000), dev=0.1, test=0.2)
    shares = dict(splits["split"].value_counts(normalize=True).iter_rows())
    assert shares["test"] == pytest.approx(0.2, abs=0.02)
    assert shares["dev"] == pytest.approx(0.1, abs=0.02)


def test_added_families_move_no_other():
    few, many = (split(families(count), dev=0.2, test=0.2) for count in (50, 500))
    assert many.join(few, on="workflow_id", how="semi").equals(few)


def test_a_larger_dev_moves_nothing_out_of_test():
    small, large = (split(families(300), dev=dev, test=0.2) for dev in (0.1, 0.4))
    assert small.filter(split="test").equals(large.filter(split="test"))


def test_another_seed_is_another_draw():
    one, other = (split(families(100), seed=seed, dev=0.2, test=0.2) for seed in (1, 2))
    assert not one.equals(other)


def test_a_split_is_the_same_in_every_process_and_version():
    splits = split(families(12), dev=0.25, test=0.25).sort(pl.col("family").str.slice(1).cast(int))
    assert " ".join(splits["split"]) == "train train train test train dev test test train dev test train"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_tiny_datasets_are_split_in_both_settings(count: int):
    splits = seed_split(families(count), NO_POOLS, seed=1, dev=0.1, test=0.1)
    assert splits.height == 2 * count
    assert splits.schema == SEED_SPLITS.schema


@pytest.mark.parametrize(("dev", "test"), [(-0.1, 0.1), (0.1, -0.1), (0.6, 0.5)])
def test_impossible_fractions_are_refused(dev: float, test: float):
    with pytest.raises(ValueError, match="fractions"):
        split(families(1), dev=dev, test=test)


def test_everything_can_be_test():
    assert split(families(20), dev=0, test=1)["split"].unique().to_list() == ["test"]


def test_no_api_in_training_of_ood_is_held_out(seeds: Callable[..., pl.DataFrame]):
    pools = API_POOLS.frame(
        [
            {"identifier": identifier, "app": identifier, "pool": pool, "n_workflows": 1}
            for identifier, pool in {"common": "common", "held": "held_out", "rare": "other"}.items()
        ]
    )
    used = [["common"], ["held"], ["common", "held"], ["held", "rare"], ["common", "rare"]]
    splits = seed_split(seeds(*({"apis": apis} for apis in used)), pools, seed=0, dev=0, test=0)
    of_ood = splits.filter(setting="ood").sort("workflow_id")
    assert of_ood["split"].to_list() == ["train", "test", "test", "excluded", "train"]
    assert of_ood["reason"].drop_nulls().to_list() == ["uncommon_apis_beside_held_out"]
