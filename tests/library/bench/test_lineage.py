from typing import Any

import polars as pl

from workflowbench.bench.deduplication import seed_workflows
from workflowbench.bench.lineage import (
    ancestors,
    collected_lineage,
    descendants,
    node,
    of_kinds,
    sample_lineage,
    synthetic_lineage,
    united,
    weights_lineage,
)
from workflowbench.bench.samples import workflowbench_samples
from workflowbench.tables import (
    CONFIRMED_WORKFLOWS,
    EXPANDED_QUERIES,
    GENERATED_WORKFLOWS,
    LINEAGE,
    RAW_SHORTCUTS,
)


def lineage_of(corpus: Any) -> pl.DataFrame:
    seeds, _ = seed_workflows(*corpus.tables)
    samples, _ = workflowbench_samples(seeds, CONFIRMED_WORKFLOWS.frame())
    return united(
        collected_lineage(corpus.transcribed, corpus.annotated, seeds),
        synthetic_lineage(EXPANDED_QUERIES.frame(), GENERATED_WORKFLOWS.frame(), CONFIRMED_WORKFLOWS.frame()),
        sample_lineage(samples),
    )


def test_a_sample_leads_back_to_its_raw_row(corpus: Any):
    corpus.add("a", "abcdefghijk")
    assert ancestors(lineage_of(corpus), ["workflowbench:w-a"]) == {
        "seed_workflows:w-a",
        "annotated_workflows:a",
        "transcribed_workflows:a",
        "raw_shortcuts:a",
    }


def test_a_raw_row_leads_to_its_sample(corpus: Any):
    corpus.add("a", "abcdefghijk")
    found = descendants(lineage_of(corpus), [node(RAW_SHORTCUTS, "a")])
    assert "workflowbench:w-a" in found
    assert "raw_shortcuts:a" not in found


def test_an_exact_duplicate_that_was_dropped_is_a_parent(corpus: Any):
    corpus.add("a", "abcdefghijk", workflow_id="w")
    corpus.add("b", "abcdefghijk", workflow_id="w")
    assert {"raw_shortcuts:a", "raw_shortcuts:b"} <= ancestors(lineage_of(corpus), ["workflowbench:w"])


def test_superseded_versions_and_near_duplicates_are_no_parents(corpus: Any):
    corpus.add("old", "zyxwvutsrqp", path="p", day=1)
    corpus.add("new", "abcdefghijklmnop", path="p", day=3)
    corpus.add("near", "abcdefghijklmno", day=2)
    lineage = lineage_of(corpus)
    assert ancestors(lineage, ["workflowbench:w-new"]) & {"raw_shortcuts:old", "raw_shortcuts:near"} == set()
    assert descendants(lineage, ["raw_shortcuts:old"]) == {
        "transcribed_workflows:old",
        "annotated_workflows:old",
    }


def test_several_rows_are_followed_at_once(corpus: Any):
    corpus.add("a", "abcdefghijk")
    corpus.add("b", "zyxwvutsrqp")
    found = descendants(lineage_of(corpus), ["raw_shortcuts:a", "raw_shortcuts:b"])
    assert {"workflowbench:w-a", "workflowbench:w-b"} <= found


def test_an_unknown_row_has_no_relatives(corpus: Any):
    assert ancestors(lineage_of(corpus), ["workflowbench:none"]) == set()


def test_the_table_has_its_schema(corpus: Any):
    corpus.add("a", "abcdefghijk")
    lineage = lineage_of(corpus)
    assert lineage.schema == LINEAGE.schema
    assert lineage["kind"].unique().to_list() == ["content"]


def edges_of(dataset: Any, child: str) -> list[tuple[str, str]]:
    rows = dataset.derivation.lineage.filter(child_id=child)
    return sorted(rows.select("parent_id", "kind").iter_rows())


def test_a_query_was_written_in_sight_of_its_examples(dataset: Any):
    shown = [dataset.seed("train", label) for label in "ab"]
    dataset.synthetic("s", shown=shown)
    assert edges_of(dataset, "expanded_queries:q-s") == [
        (f"seed_workflows:{key}", "prompted") for key in sorted(shown)
    ]


def test_a_synthetic_sample_leads_back_to_its_query(dataset: Any):
    dataset.seed("train", "a")
    dataset.synthetic("s")
    assert ancestors(dataset.derivation.lineage, ["workflowbench:s"]) == {
        "confirmed_workflows:s",
        "generated_workflows:q-s",
        "expanded_queries:q-s",
    }


def test_an_adapted_workflow_is_content_of_what_was_made_of_it(dataset: Any):
    name = dataset.seed("train", "a")
    dataset.synthetic("s", adapted=name)
    assert edges_of(dataset, "generated_workflows:q-s") == [
        ("expanded_queries:q-s", "content"),
        (f"seed_workflows:{name}", "content"),
    ]


def test_what_a_model_read_as_an_example_is_no_content(dataset: Any):
    name = dataset.seed("train", "a")
    dataset.synthetic("s", read=[name])
    assert (f"seed_workflows:{name}", "prompted") in edges_of(dataset, "generated_workflows:q-s")


def test_a_model_stands_between_what_it_wrote_and_what_it_was_trained_on():
    lineage = weights_lineage("m-1", ["generated_workflows:q"], ["seed_workflows:a", "seed_workflows:b"])
    assert lineage.rows() == [
        ("generated_workflows:q", "model:m-1", "weights", "generated_workflows"),
        ("model:m-1", "seed_workflows:a", "weights", "model"),
        ("model:m-1", "seed_workflows:b", "weights", "model"),
    ]
    assert ancestors(lineage, ["generated_workflows:q"]) >= {"seed_workflows:a", "seed_workflows:b"}
    assert ancestors(of_kinds(lineage, "content", "prompted"), ["generated_workflows:q"]) == set()
