from typing import Any

import polars as pl

from workflowbench.bench.deduplication import seed_workflows
from workflowbench.bench.lineage import ancestors, content_lineage, descendants, node
from workflowbench.bench.samples import workflowbench_samples
from workflowbench.tables import LINEAGE, RAW_SHORTCUTS


def lineage_of(corpus: Any) -> pl.DataFrame:
    seeds, _ = seed_workflows(*corpus.tables)
    return content_lineage(corpus.transcribed, corpus.annotated, seeds, workflowbench_samples(seeds)[0])


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
