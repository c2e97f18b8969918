from typing import Any

import polars as pl
import pytest

from workflowbench.bench.splits import split_samples
from workflowbench.tables import SPLITS

URL, SHOW, RARE = (f"is.workflow.actions.{name}" for name in ("url", "showresult", "rare"))
HELD_OUT = "com.held.app.do"


def placed(dataset: Any, sample_id: str) -> dict[str, str]:
    """The split of a sample, or the reason of its exclusion, by setting."""
    rows = dataset.splits.filter(pl.col("sample_id") == sample_id)
    return {row["setting"]: row["reason"] or row["split"] for row in rows.iter_rows(named=True)}


@pytest.mark.parametrize("split", ["train", "dev"])
def test_a_collected_sample_keeps_the_split_of_its_workflow(dataset: Any, split: str):
    dataset.seed("train", "a")
    name = dataset.seed(split, "b")
    assert placed(dataset, name) == {"id": split, "ood": split}


def test_what_id_tests_is_not_trained_on_in_ood(dataset: Any):
    dataset.seed("train", "a")
    assert placed(dataset, dataset.seed("test", "b")) == {"id": "test", "ood": "test_of_id"}


def test_every_api_of_a_test_or_dev_of_known_apis_is_in_collected_training(dataset: Any):
    dataset.seed("train", "a", URL)
    dataset.synthetic("s", SHOW)
    tested, selected = dataset.seed("test", "b", URL, SHOW), dataset.seed("dev", "c", SHOW)
    assert placed(dataset, tested)["id"] == "api_not_in_train"
    assert placed(dataset, selected) == {"id": "api_not_in_train", "ood": "api_not_in_train"}


def test_a_workflow_of_held_out_and_common_apis_tests_ood(dataset: Any):
    dataset.seed("train", "a", URL)
    assert placed(dataset, dataset.seed("train", "b", URL, HELD_OUT)) == {"id": "train", "ood": "test"}


def test_any_test_of_ood_may_use_the_language(dataset: Any):
    for label in "abc":
        dataset.seed("train", label, URL, SHOW)
    dataset.synthetic("s", HELD_OUT, "is.workflow.actions.conditional")
    assert placed(dataset, "s")["ood"] == "test"


def test_a_held_out_api_beside_an_uncommon_one_is_in_no_split_of_ood(dataset: Any):
    for label in "abc":
        dataset.seed("train", label, URL, SHOW)
    name = dataset.seed("train", "d", RARE, HELD_OUT)
    dataset.synthetic("s", RARE, HELD_OUT)
    assert placed(dataset, name) == {"id": "train", "ood": "uncommon_apis_beside_held_out"}
    assert placed(dataset, "s") == {"id": "train", "ood": "uncommon_apis_beside_held_out"}


def test_a_sibling_of_an_ood_test_is_not_trained_on(dataset: Any):
    tested = dataset.seed("train", "a", URL, HELD_OUT)
    assert placed(dataset, dataset.seed("train", "b", URL, family=tested))["ood"] == "family_in_test"


def test_synthetic_samples_are_for_training(dataset: Any):
    shown = dataset.seed("train", "a")
    dataset.synthetic("s", shown=[shown])
    assert placed(dataset, "s") == {"id": "train", "ood": "train"}


def test_a_synthetic_sample_of_held_out_apis_tests_ood(dataset: Any):
    shown = dataset.seed("train", "a", URL)
    dataset.synthetic("s", URL, HELD_OUT, shown=[shown])
    assert placed(dataset, "s") == {"id": "train", "ood": "test"}


def test_a_document_of_an_uncommon_api_counts_like_its_use(dataset: Any):
    for label in "abc":
        dataset.seed("train", label, URL, SHOW)
    dataset.seed("train", "d", RARE)
    dataset.synthetic("s", URL, HELD_OUT, given=[RARE])
    assert placed(dataset, "s")["ood"] == "uncommon_apis_beside_held_out"


@pytest.mark.parametrize(
    ("split", "in_id", "in_ood"),
    [
        ("test", "family_in_test", "family_in_test_of_id"),
        ("dev", "family_in_dev", "family_in_dev"),
        ("train", "train", "train"),
    ],
)
def test_a_near_duplicate_of_an_evaluated_workflow_is_not_trained_on(
    dataset: Any, split: str, in_id: str, in_ood: str
):
    dataset.synthetic("s", like=dataset.seed(split, "a"))
    assert placed(dataset, "s") == {"id": in_id, "ood": in_ood}


@pytest.mark.parametrize(
    ("split", "in_id", "in_ood"),
    [("test", "derived_from_test", "derived_from_test_of_id"), ("dev", *["derived_from_dev"] * 2)],
)
@pytest.mark.parametrize("kind", ["shown", "adapted"])
def test_what_was_derived_from_an_evaluated_workflow_is_not_trained_on(
    dataset: Any, split: str, in_id: str, in_ood: str, kind: str
):
    dataset.seed("train", "a")
    name = dataset.seed(split, "b")
    dataset.synthetic("s", **({"shown": [name]} if kind == "shown" else {"adapted": name}))
    assert placed(dataset, "s") == {"id": in_id, "ood": in_ood}


def test_what_was_derived_from_the_family_of_a_test_workflow_is_not_trained_on(dataset: Any):
    tested = dataset.seed("train", "a", URL, HELD_OUT)
    sibling = dataset.seed("train", "b", URL, family=tested)
    dataset.synthetic("s", shown=[sibling])
    assert placed(dataset, "s") == {"id": "train", "ood": "derived_from_test"}


def test_what_was_written_in_sight_of_a_held_out_api_is_not_trained_on(dataset: Any):
    for label in "abc":
        dataset.seed("train", label, URL, SHOW)
    dataset.synthetic("s", URL, shown=[dataset.seed("train", "d", RARE, HELD_OUT)])
    assert placed(dataset, "s") == {"id": "train", "ood": "derived_from_held_out_api"}


def test_a_synthetic_test_that_is_akin_to_training_is_excluded(dataset: Any):
    like = dataset.seed("train", "a", URL)
    dataset.synthetic("s", URL, HELD_OUT, like=like)
    assert placed(dataset, "s") == {"id": "train", "ood": "family_in_train"}


def test_synthetic_rows_move_no_collected_sample(dataset: Any):
    for split in ("train", "dev", "test"):
        for label in "ab":
            dataset.seed(split, label, *([URL] if label == "a" else [URL, HELD_OUT]))
    before = dataset.splits
    dataset.synthetic("s", URL, HELD_OUT)
    dataset.synthetic("t", SHOW, like=dataset.seeds["workflow_id"][0])
    assert dataset.splits.join(before, on="sample_id", how="semi").equals(before)


def test_a_sample_without_a_seed_split_is_an_error(dataset: Any):
    dataset.seed("train", "a")
    with pytest.raises(ValueError, match="1 samples have no seed split"):
        split_samples(dataset.derivation, dataset.seed_splits.clear(), dataset.pools)


def test_an_api_without_a_pool_is_an_error(dataset: Any):
    dataset.seed("train", "a")
    dataset.synthetic("s", "com.new.app.do")
    with pytest.raises(ValueError, match="1 APIs have no pool"):
        split_samples(dataset.derivation, dataset.seed_splits, dataset.pools)


def test_nothing_is_split(dataset: Any):
    assert dataset.splits.equals(SPLITS.frame())
