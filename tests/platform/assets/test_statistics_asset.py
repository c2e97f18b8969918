import polars as pl
import pytest

from workflowbench.bench.statistics import dataset_statistics
from workflowbench.tables import SEED_WORKFLOWS, SPLITS, WORKFLOWBENCH
from workflowbench_dagster.assets.statistics import image, table_1


@pytest.fixture(scope="module")
def cells():
    """Table 1 as shown: the cells of each row by its first one, for one train sample and 12,345 loops."""
    figures = dataset_statistics(SEED_WORKFLOWS.frame(), WORKFLOWBENCH.frame(), SPLITS.frame())
    loops = (pl.col("measure") == "loops") & (pl.col("subset") == "train")
    markdown = table_1(figures.with_columns(value=pl.when(loops).then(12_345.67).otherwise("value")))
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in markdown.splitlines()]
    return {row[0]: row[1:] for row in rows}


def test_table_1_has_a_column_per_subset(cells):
    assert cells["this dataset (paper)"] == ["seed", "synthetic", "train", "dev", "test", "all"]


def test_the_rows_of_table_1_are_in_the_order_of_the_paper(cells):
    assert list(cells)[2:] == [
        *("instances", "apps", "apis", "categories"),
        *("actions", "conditionals", "loops", "nesting depth"),
    ]


def test_a_count_stands_before_that_of_the_paper(cells):
    assert cells["instances"] == [
        *("0 (14,771)", "0 (91,992)", "0 (105,573)", "0", "0 (1,190)", "0 (106,763)")
    ]


def test_a_mean_is_rounded_and_one_of_nothing_is_a_dash(cells):
    assert cells["loops"] == ["- (0.7)", "-", "12,345.7 (0.5)", "-", "- (0.5)", "-"]


def test_a_picture_carries_its_own_bytes():
    assert image(b"\x00", "A dot") == "![A dot](data:image/png;base64,AA==)"
