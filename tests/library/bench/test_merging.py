from collections.abc import Callable

import polars as pl

from workflowbench.bench.samples import workflowbench_samples
from workflowbench.tables import WORKFLOWBENCH

Rows = Callable[..., pl.DataFrame]
TREE = list("abcdefghijklmnopqrst")
NEAR = [*TREE[:-1], "x"]
AKIN = [*TREE[:-3], "x", "y", "z"]


def dropped(seeds: pl.DataFrame, confirmed: pl.DataFrame) -> list[tuple[object, ...]]:
    _, rows = workflowbench_samples(seeds, confirmed)
    return rows.select("row_id", "rule", "twin_id").rows()


def families(seeds: pl.DataFrame, confirmed: pl.DataFrame) -> dict[str, str]:
    samples, _ = workflowbench_samples(seeds, confirmed)
    return dict(samples.select("sample_id", "family").iter_rows())


def test_a_confirmed_workflow_becomes_a_synthetic_sample(seeds: Rows, confirmed: Rows):
    samples, _ = workflowbench_samples(seeds({"tokens": TREE}), confirmed({"given_apis": ["a", "b"]}))
    row = samples.row(by_predicate=pl.col("origin") == "synthetic", named=True)
    assert [row[name] for name in ("sample_id", "workflow_id", "query_id", "pool")] == [
        "s0",
        "v0",
        "q0",
        "id",
    ]
    assert (row["title"], row["given_apis"]) == (None, ["a", "b"])
    assert samples.schema == WORKFLOWBENCH.schema


def test_collected_samples_do_not_change(seeds: Rows, confirmed: Rows):
    rows = seeds({"tokens": TREE}, {"tokens": ["f"]})
    alone, _ = workflowbench_samples(rows, confirmed())
    merged, _ = workflowbench_samples(rows, confirmed({"tokens": AKIN}, {"tokens": ["g"]}))
    assert merged.filter(origin="collected").equals(alone)


def test_the_tree_of_a_collected_sample_is_not_repeated(seeds: Rows, confirmed: Rows):
    assert dropped(seeds({}), confirmed({"workflow_id": "w0"})) == [("s0", "exact_duplicate", "w0")]


def test_a_near_duplicate_of_a_collected_sample_is_dropped(seeds: Rows, confirmed: Rows):
    rows = dropped(seeds({"tokens": TREE}), confirmed({"tokens": NEAR}))
    assert rows == [("s0", "near_duplicate", "w0")]


def test_a_near_duplicate_of_a_synthetic_sample_is_dropped(seeds: Rows, confirmed: Rows):
    rows = dropped(seeds({}), confirmed({"tokens": TREE}, {"tokens": NEAR}, {"workflow_id": "v0"}))
    assert rows == [("s1", "near_duplicate", "s0"), ("s2", "exact_duplicate", "s0")]


def test_what_is_dropped_is_nobodys_twin(seeds: Rows, confirmed: Rows):
    rows = dropped(seeds({}), confirmed({"workflow_id": "w0", "query": "Same"}, {"query": "Same"}))
    assert rows == [("s0", "exact_duplicate", "w0")]


def test_a_query_is_not_asked_again(seeds: Rows, confirmed: Rows):
    question = "Could you send the weather of tomorrow morning to my whole family?"
    again = "could you send the weather of tomorrow morning to my whole family"
    rows = dropped(seeds({"query": question}), confirmed({"query": again, "tokens": TREE}))
    assert rows == [("s0", "near_duplicate_query", "w0")]


def test_the_similarity_is_measured_against_the_twin(seeds: Rows, confirmed: Rows):
    _, rows = workflowbench_samples(seeds({"tokens": TREE}), confirmed({"tokens": NEAR}))
    # 17 shingles in common of 18 on each side
    assert rows.select("threshold", "observed").row(0) == (0.8, 17 / 19)


def test_short_trees_are_compared_by_their_ids_alone(seeds: Rows, confirmed: Rows):
    assert dropped(seeds({"tokens": ["f"]}), confirmed({"tokens": ["f"]})) == []


def test_a_faulty_synthetic_row_is_dropped_with_its_rule(seeds: Rows, confirmed: Rows):
    assert dropped(seeds({}), confirmed({"code": "x = ("})) == [("s0", "does_not_parse", None)]


def test_a_synthetic_row_joins_the_family_of_the_collected_one(seeds: Rows, confirmed: Rows):
    found = families(seeds({"tokens": TREE, "family": "clan"}), confirmed({"tokens": AKIN}))
    assert found == {"w0": "clan", "s0": "clan"}


def test_synthetic_rows_are_families_among_themselves(seeds: Rows, confirmed: Rows):
    found = families(seeds({}), confirmed({"tokens": TREE}, {"tokens": AKIN}, {"tokens": ["g"]}))
    assert found == {"w0": "w0", "s0": "v0", "s1": "v0", "s2": "v2"}


def test_a_row_that_would_join_two_families_is_dropped(seeds: Rows, confirmed: Rows):
    rows = seeds({"tokens": TREE[:16]}, {"tokens": TREE[4:]})
    _, lost = workflowbench_samples(rows, confirmed({"tokens": TREE[2:18]}))
    assert lost.select("row_id", "rule", "observed").rows() == [("s0", "joins_families", 2.0)]
    assert lost["detail"].item() == "Akin to w0, w1."
