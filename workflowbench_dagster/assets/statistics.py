"""Stage `statistics`: the figures of the dataset beside those of the paper."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import polars as pl

from workflowbench.bench.plots import plot_distributions
from workflowbench.bench.published import TABLE_1
from workflowbench.bench.statistics import dataset_statistics
from workflowbench.tables import SEED_WORKFLOWS, SPLITS, STATISTICS, WORKFLOWBENCH
from workflowbench_dagster.assets.pictures import image
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.conditions import on_change_of_all
from workflowbench_dagster.resources.tables import ParquetTables

_SUBSETS = ("seed", "synthetic", "train", "dev", "test", "all")
"""Columns of Table 1 as it is shown."""

# Dagster shows Markdown below 1,000 characters in a narrow cell that cuts the table off, longer in a dialog.
_LEGEND = """\
The figure of this dataset, and that of the paper in brackets.

- `apis` are the distinct actions, `apps` the apps that they belong to, `categories` those of RoutineHub;
  `Uncategorised` is none.
- `actions`, `conditionals` (`if` and `match` blocks; the paper prints IF), `loops` and `nesting depth`
  (0 is a flat workflow; the paper does not define its own) are means per workflow; a dash: the mean of none.
- The paper's `all` and its `synthetic` instances are from its text, the others from its Table 1.
"""


@table_stage(
    STATISTICS,
    deps=[SEED_WORKFLOWS, WORKFLOWBENCH, SPLITS],
    group="bench",
    kinds=frozenset({"matplotlib"}),
    automation=on_change_of_all(),
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
    """Return Table 1 as Markdown: a row per measure, a column per subset, the paper's figures in brackets."""
    rows = figures.filter(figure="table_1").iter_rows(named=True)
    cells = {(row["measure"], row["subset"]): _cell(row) for row in rows}
    lines = [
        _LEGEND,
        f"| measure | {' | '.join(_SUBSETS)} |",
        f"|---|{'---:|' * len(_SUBSETS)}",
        *(
            f"| {measure.replace('_', ' ')} | {' | '.join(cells[measure, subset] for subset in _SUBSETS)} |"
            for measure in TABLE_1
        ),
    ]
    return "\n".join(lines)


def _cell(figure: Mapping[str, Any]) -> str:
    paper = "" if figure["paper_value"] is None else f" ({_number(figure['paper_value'], figure['unit'])})"
    return f"{_number(figure['value'], figure['unit'])}{paper}"


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if unit == "count" else f"{value:,.1f}"
