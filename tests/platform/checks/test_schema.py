import polars as pl

from workflowbench.tables import SPLITS, STATISTICS
from workflowbench_dagster.checks.schema import schema_faults

ROWS = SPLITS.frame([{"sample_id": name, "setting": "id", "family": "f", "split": "train"} for name in "ab"])


def test_a_fitting_table_has_no_faults():
    assert schema_faults(SPLITS, ROWS.lazy()) == {}
    assert schema_faults(SPLITS, SPLITS.frame().lazy()) == {}


def test_missing_foreign_and_wrong_columns_are_named():
    frame = ROWS.rename({"family": "clan"}).with_columns(split=pl.lit(1))
    assert schema_faults(SPLITS, frame.lazy()) == {
        "family: type": "missing instead of String",
        "split: type": "Int32 instead of String",
        "clan: type": "String instead of no such column",
    }


def test_nulls_are_counted_where_none_may_be():
    frame = ROWS.with_columns(split=pl.lit(None, dtype=pl.String))
    assert schema_faults(SPLITS, frame.lazy()) == {"split: null": 2}
    row = {"figure": "f", "measure": "m", "subset": "all", "unit": "count", "value": None}
    assert schema_faults(STATISTICS, STATISTICS.frame([row]).lazy()) == {}


def test_rows_that_share_a_key_are_counted():
    frame = ROWS.with_columns(sample_id=pl.lit("a"))
    assert schema_faults(SPLITS, frame.lazy()) == {"sample_id, setting: not unique": 2}
