import polars as pl
import pytest

from workflowbench.bench.splits import split_samples
from workflowbench.tables import SPLITS


def families(count: int, size: int = 1) -> pl.DataFrame:
    rows = [(f"s{number}-{member}", f"f{number}") for number in range(count) for member in range(size)]
    return pl.DataFrame(rows, schema={"sample_id": pl.String, "family": pl.String}, orient="row")


def test_a_family_is_never_divided():
    splits = split_samples(families(200, size=3), seed=1, dev=0.3, test=0.3)
    assert splits.group_by("family").agg(pl.col("split").n_unique())["split"].unique().to_list() == [1]


def test_fractions_hold_in_expectation():
    splits = split_samples(families(5000), seed=1, dev=0.1, test=0.2)
    shares = dict(splits["split"].value_counts(normalize=True).iter_rows())
    assert shares["test"] == pytest.approx(0.2, abs=0.02)
    assert shares["dev"] == pytest.approx(0.1, abs=0.02)


def test_added_families_move_no_other():
    few, many = (split_samples(families(count), seed=1, dev=0.2, test=0.2) for count in (50, 500))
    assert many.join(few, on="sample_id", how="semi").equals(few)


def test_a_larger_dev_moves_nothing_out_of_test():
    small, large = (split_samples(families(300), seed=1, dev=dev, test=0.2) for dev in (0.1, 0.4))
    of_test = [frame.filter(pl.col("split") == "test") for frame in (small, large)]
    assert of_test[0].equals(of_test[1])


def test_another_seed_is_another_draw():
    one, other = (split_samples(families(100), seed=seed, dev=0.2, test=0.2) for seed in (1, 2))
    assert not one.equals(other)


def test_a_split_is_the_same_in_every_process_and_version():
    splits = split_samples(families(12), seed=1, dev=0.25, test=0.25).sort(
        pl.col("family").str.slice(1).cast(int)
    )
    assert " ".join(splits["split"]) == "train train train test train dev test test train dev test train"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_tiny_datasets_are_split(count: int):
    splits = split_samples(families(count), seed=1, dev=0.1, test=0.1)
    assert splits.height == count
    assert splits.schema == SPLITS.schema


@pytest.mark.parametrize(("dev", "test"), [(-0.1, 0.1), (0.1, -0.1), (0.6, 0.5)])
def test_impossible_fractions_are_refused(dev: float, test: float):
    with pytest.raises(ValueError, match="fractions"):
        split_samples(families(1), seed=1, dev=dev, test=test)


def test_everything_can_be_test():
    assert split_samples(families(20), seed=1, dev=0, test=1)["split"].unique().to_list() == ["test"]
