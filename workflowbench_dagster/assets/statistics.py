"""Stage `statistics`: the figures of the dataset beside those of the paper."""

import base64
from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl

from workflowbench.bench.plots import plot_distributions
from workflowbench.bench.statistics import dataset_statistics
from workflowbench.tables import SEED_WORKFLOWS, SPLITS, STATISTICS, WORKFLOWBENCH
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(
    STATISTICS, deps=[SEED_WORKFLOWS, WORKFLOWBENCH, SPLITS], group="bench", kinds=frozenset({"matplotlib"})
)
def statistics(
    context: dg.AssetExecutionContext, tables: ParquetTables
) -> Iterator[dg.MaterializeResult[Any]]:
    """Measure the dataset as Table 1 and Figure 4 of the paper do, with the paper's figures beside ours."""
    stage = Stage(context, tables)
    figures = dataset_statistics(stage.read(SEED_WORKFLOWS), stage.read(WORKFLOWBENCH), stage.read(SPLITS))
    metadata = {
        "table_1": dg.MetadataValue.md(table_1(figures)),
        "distributions": dg.MetadataValue.md(image(plot_distributions(figures), "Distributions of Figure 4")),
    }
    yield stage.write(STATISTICS, figures, metadata)


def table_1(figures: pl.DataFrame) -> str:
    """Return Table 1 as Markdown: a row per measure and subset, our figure and the paper's."""
    rows = figures.filter(figure="table_1").sort("measure", "subset")
    lines = ["| measure | subset | this dataset | paper |", "|---|---|---:|---:|"]
    lines += [
        f"| {row['measure']} | {row['subset']} | {_number(row['value'])} | {_number(row['paper_value'])} |"
        for row in rows.iter_rows(named=True)
    ]
    return "\n".join(lines)


def image(png: bytes, description: str) -> str:
    """Return a PNG as a Markdown image that carries its own bytes."""
    return f"![{description}](data:image/png;base64,{base64.b64encode(png).decode()})"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}".removesuffix(".00")
