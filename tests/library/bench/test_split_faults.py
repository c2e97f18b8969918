from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from workflowbench.bench.split_faults import MOST_EXAMPLES, RULES, SplitFault, split_faults

URL, SHOW, RARE = (f"is.workflow.actions.{name}" for name in ("url", "showresult", "rare"))
HELD_OUT = "com.held.app.do"


def faults(dataset: Any, splits: pl.DataFrame) -> dict[tuple[str, str], SplitFault]:
    found = list(split_faults(dataset.derivation, splits, dataset.pools))
    assert {fault.rule for fault in found} <= RULES.keys()
    return {(fault.setting, fault.rule): fault for fault in found}


def moved(splits: pl.DataFrame, sample_id: str, split: str, *settings: str) -> pl.DataFrame:
    """Put a sample into another split: the planted violation."""
    is_it = (pl.col("sample_id") == sample_id) & pl.col("setting").is_in(settings or ("id", "ood"))
    return splits.with_columns(
        split=pl.when(is_it).then(pl.lit(split)).otherwise("split"),
        reason=pl.when(~is_it).then("reason"),
    )


@pytest.fixture
def sound(dataset: Any) -> Any:
    """Seeds of every split with synthetic rows that were written in sight of training rows."""
    shown = [dataset.seed("train", label, URL, SHOW) for label in "abc"]
    dataset.seed("dev", "d", URL)
    dataset.seed("test", "e", URL)
    dataset.synthetic("s", URL, shown=shown)
    dataset.synthetic("t", URL, HELD_OUT, shown=shown)
    return dataset


def test_splits_that_keep_every_rule_have_no_fault(sound: Any):
    assert faults(sound, sound.splits) == {}


def test_the_splits_that_are_made_are_sound_whatever_was_shown(sound: Any):
    for number, key in enumerate(sound.seeds["workflow_id"].to_list()):
        sound.synthetic(f"u{number}", URL, shown=[key])
        sound.synthetic(f"v{number}", RARE, HELD_OUT, adapted=key)
        sound.synthetic(f"w{number}", SHOW, read=[key], like=key)
    sound.seed("train", "f", RARE, HELD_OUT)
    assert faults(sound, sound.splits) == {}


def test_a_sample_without_a_split_is_a_fault(sound: Any):
    splits = sound.splits.filter(~((pl.col("sample_id") == "s") & (pl.col("setting") == "ood")))
    assert faults(sound, splits) == {("ood", "no_split"): SplitFault("no_split", "ood", 1, ["s"])}


def test_a_divided_family_is_a_fault(sound: Any):
    tested = sound.seeds["workflow_id"].to_list()[-1]
    sound.synthetic("u", URL, like=tested)
    found = faults(sound, moved(sound.splits, "u", "train", "id"))
    assert found["id", "divided_family"].examples == [f"{tested} <- {tested}", f"u <- {tested}"]


@pytest.mark.parametrize("kind", ["shown", "read", "adapted"])
@pytest.mark.parametrize("split", ["train", "dev"])
def test_an_ancestor_in_test_is_a_fault(sound: Any, kind: str, split: str):
    tested = sound.seeds["workflow_id"].to_list()[-1]
    sound.synthetic("u", URL, **{kind: tested if kind == "adapted" else [tested]})
    found = faults(sound, moved(sound.splits, "u", split, "id"))
    assert found == {
        ("id", "test_ancestor"): SplitFault("test_ancestor", "id", 1, [f"u <- seed_workflows:{tested}"])
    }


def test_an_ancestor_in_test_is_found_through_several_generations(sound: Any):
    tested = sound.seeds["workflow_id"].to_list()[-1]
    steps = ["workflowbench:s", "other:1", "other:2", "other:3", f"seed_workflows:{tested}"]
    edges = [
        {"child_id": child, "parent_id": parent, "kind": kind, "stage": "other"}
        for child, parent, kind in zip(
            steps, steps[1:], ["content", "prompted", "content", "prompted"], strict=False
        )
    ]
    derivation = sound.derivation
    longer = pl.concat([derivation.lineage, pl.DataFrame(edges, schema=derivation.lineage.schema)])
    found = list(split_faults(replace(derivation, lineage=longer), sound.splits, sound.pools))
    assert found == [SplitFault("test_ancestor", "id", 1, [f"s <- seed_workflows:{tested}"])]


def test_an_ancestor_of_the_family_of_a_test_sample_is_a_fault(sound: Any):
    tested = sound.seeds["workflow_id"].to_list()[-1]
    sibling = sound.seed("train", "g", URL, family=tested)
    sound.synthetic("u", URL, shown=[sibling])
    found = faults(sound, moved(sound.splits, "u", "train", "id"))
    assert found["id", "test_ancestor"].examples == [f"u <- seed_workflows:{sibling}"]


def test_the_query_of_a_test_sample_is_not_to_be_answered_in_training(sound: Any):
    derivation = sound.derivation
    edge = {"child_id": "workflowbench:s", "parent_id": "expanded_queries:q-t"}
    row = pl.DataFrame([edge | {"kind": "content", "stage": "other"}], schema=derivation.lineage.schema)
    longer = replace(derivation, lineage=pl.concat([derivation.lineage, row]))
    found = {fault.rule: fault.examples for fault in split_faults(longer, sound.splits, sound.pools)}
    assert found["test_ancestor"] == ["s <- expanded_queries:q-t"]


def test_an_ancestor_in_dev_is_a_fault_of_training(sound: Any):
    selected = sound.seeds["workflow_id"].to_list()[-2]
    sound.synthetic("u", URL, shown=[selected])
    found = faults(sound, moved(sound.splits, "u", "train"))
    assert found.keys() == {("id", "dev_ancestor"), ("ood", "dev_ancestor")}


@pytest.mark.parametrize("split", ["train", "dev"])
def test_a_held_out_api_in_training_is_a_fault(sound: Any, split: str):
    found = faults(sound, moved(sound.splits, "t", split, "ood"))
    assert found["ood", "held_out_api"].examples == ["t"]


def test_a_held_out_api_that_was_given_and_not_used_is_a_fault(sound: Any):
    sound.synthetic("u", URL, given=[HELD_OUT])
    found = faults(sound, moved(sound.splits, "u", "train", "ood"))
    assert found["ood", "held_out_api"].examples == ["u"]


def test_an_ancestor_that_uses_a_held_out_api_is_a_fault(sound: Any):
    name = sound.seed("train", "f", RARE, HELD_OUT)
    sound.synthetic("u", URL, shown=[name])
    found = faults(sound, moved(sound.splits, "u", "train", "ood"))
    assert found == {
        ("ood", "held_out_ancestor"): SplitFault(
            "held_out_ancestor", "ood", 1, [f"u <- seed_workflows:{name}"]
        )
    }


def test_an_api_that_training_does_not_know_is_a_fault_of_id(sound: Any):
    name = sound.seed("test", "f", RARE)
    found = faults(sound, moved(sound.splits, name, "test", "id"))
    assert found == {("id", "unknown_api"): SplitFault("unknown_api", "id", 1, [name])}


@pytest.mark.parametrize("apis", [(URL,), (RARE, HELD_OUT)])
def test_a_test_sample_of_other_apis_is_a_fault_of_ood(sound: Any, apis: tuple[str, ...]):
    sound.synthetic("u", *apis)
    found = faults(sound, moved(sound.splits, "u", "test", "ood"))
    assert found == {("ood", "not_of_held_out_apis"): SplitFault("not_of_held_out_apis", "ood", 1, ["u"])}


def test_counter_examples_are_counted_and_the_first_are_listed(sound: Any):
    name = sound.seed("train", "f", RARE, HELD_OUT)
    extra = [f"u{number:02}" for number in range(MOST_EXAMPLES + 5)]
    for key in extra:
        sound.synthetic(key, URL, shown=[name])
    is_extra = pl.col("sample_id").is_in(extra) & (pl.col("setting") == "ood")
    splits = sound.splits.with_columns(split=pl.when(is_extra).then(pl.lit("train")).otherwise("split"))
    fault = faults(sound, splits)["ood", "held_out_ancestor"]
    assert fault.count == MOST_EXAMPLES + 5
    assert [text.split()[0] for text in fault.examples] == extra[:MOST_EXAMPLES]
