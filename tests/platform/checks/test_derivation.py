import shutil

import polars as pl
import pytest

from workflowbench.tables import LINEAGE, SPLITS
from workflowbench_dagster.checks.derivation import closed_under_derivation
from workflowbench_dagster.resources.tables import ParquetTables


@pytest.fixture
def built(built_once, tmp_path):
    """The tables of a rebuild, free to be changed."""
    return ParquetTables(root=str(shutil.copytree(built_once / "tables", tmp_path / "built")))


def of_id(sample_id):
    return (pl.col("sample_id") == sample_id) & (pl.col("setting") == "id")


def test_the_check_passes_on_what_was_built(built):
    result = closed_under_derivation(tables=built)
    assert result.passed
    assert result.metadata["samples_checked"].value == 3


def test_a_planted_leak_fails_the_check_and_is_named(built):
    splits = built.read(SPLITS)
    trained, tested = splits["sample_id"].unique().sort().head(2)
    split = pl.when(of_id(tested)).then(pl.lit("test")).when(of_id(trained)).then(pl.lit("train"))
    built.write(SPLITS, splits.with_columns(split=split.otherwise("split")))
    edge = {"child_id": f"workflowbench:{trained}", "parent_id": f"workflowbench:{tested}"}
    leak = LINEAGE.frame([edge | {"kind": "prompted", "stage": "workflowbench"}])
    built.write(LINEAGE, pl.concat([built.read(LINEAGE), leak]))
    result = closed_under_derivation(tables=built)
    assert not result.passed
    assert result.metadata["n_id_test_ancestor"].value == 1
    assert result.metadata["id_test_ancestor"].value == [f"{trained} <- seed_workflows:{tested}"]


def test_the_check_blocks():
    assert all(spec.blocking for spec in closed_under_derivation.check_specs)
