import polars as pl
import pytest

from workflowbench.bench.statistics import dataset_statistics
from workflowbench.tables import SEED_WORKFLOWS, SPLITS, WORKFLOWBENCH
from workflowbench_dagster.assets.statistics import image, table_1

INLINE_CHARACTERS = 1000
"""Length from which the Dagster UI opens Markdown in a dialog."""


@pytest.fixture(scope="module")
def markdown():
    """Table 1 as shown, of no workflow at all but a mean of 12,345.67 loops."""
    figures = dataset_statistics(SEED_WORKFLOWS.frame(), WORKFLOWBENCH.frame(), SPLITS.frame())
    loops = (pl.col("measure") == "loops") & (pl.col("subset") == "train")
    return table_1(figures.with_columns(value=pl.when(loops).then(12_345.67).otherwise("value")))


@pytest.fixture(scope="module")
def cells(markdown):
    """The cells of each row of Table 1 by the first one."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in rows}


def test_table_1_has_a_column_per_subset(cells):
    assert cells["measure"] == ["seed", "synthetic", "train", "dev", "test", "all"]


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


def test_table_1_is_long_enough_for_a_dialog(markdown):
    assert len(markdown) >= INLINE_CHARACTERS


def test_a_picture_carries_its_own_bytes():
    assert image(b"\x00", "A dot") == "![A dot](data:image/png;base64,AA==)"
