from collections.abc import Callable

import polars as pl
import pytest

from workflowbench.bench.samples import LONGEST_BYTES, workflowbench_samples
from workflowbench.tables import CONFIRMED_WORKFLOWS, WORKFLOWBENCH, WORKFLOWBENCH_DROPPED

Seeds = Callable[..., pl.DataFrame]


def collected(seeds: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    return workflowbench_samples(seeds, CONFIRMED_WORKFLOWS.frame())


def test_a_seed_becomes_a_collected_sample(seeds: Seeds):
    samples, dropped = collected(seeds({}))
    assert dropped.is_empty()
    assert samples.select("sample_id", "origin", "family").row(0) == ("w0", "collected", "w0")


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ({"n_actions": 0}, "no_action"),
        ({"code": "x = ("}, "does_not_parse"),
        ({"code": f"f( x={bytes(LONGEST_BYTES + 1)!r})"}, "binary_literal"),
    ],
)
def test_a_faulty_seed_is_dropped_with_its_rule(fault: dict[str, object], rule: str, seeds: Seeds):
    samples, dropped = collected(seeds(fault, {}))
    assert samples["sample_id"].to_list() == ["w1"]
    assert dropped.select("row_id", "stage", "rule").row(0) == ("w0", "workflowbench", rule)


def test_short_bytes_are_kept(seeds: Seeds):
    assert collected(seeds({"code": f"f( x={bytes(LONGEST_BYTES)!r})"}))[0].height == 1


def test_a_binary_literal_tells_its_length(seeds: Seeds):
    _, dropped = collected(seeds({"code": f"f( x={bytes(100)!r}, y=b'1')"}))
    assert dropped.select("threshold", "observed").row(0) == (float(LONGEST_BYTES), 100.0)


def test_samples_are_sorted_and_have_their_schema(seeds: Seeds):
    samples, dropped = collected(seeds({}, {}, {"n_actions": 0}).reverse())
    assert samples["sample_id"].to_list() == ["w0", "w1"]
    assert samples.schema == WORKFLOWBENCH.schema
    assert dropped.schema == WORKFLOWBENCH_DROPPED.schema
