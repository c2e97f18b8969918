"""Stage `quality_funnel`: what each rule of quality confirmation found and dropped."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import orjson
import polars as pl

from workflowbench.quality.plots import plot_funnel
from workflowbench.tables import CONFIRMED_WORKFLOWS, QUALITY_FUNNEL
from workflowbench_dagster.assets.pictures import image
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.table_reading import keys_to_read

FUNNEL_NOTE = "workflowbench.quality_funnel"
"""Note in a file of `confirmed_workflows`: what the rules did to the workflows of its category."""


@table_stage(
    QUALITY_FUNNEL,
    deps=[CONFIRMED_WORKFLOWS],
    group="generation",
    kinds=frozenset({"matplotlib"}),
)
def quality_funnel(
    context: dg.AssetExecutionContext, tables: ParquetTables
) -> Iterator[dg.MaterializeResult[Any]]:
    """Count by annotator, category and rule how many workflows came in, were found at fault and left."""
    stage = Stage(context, tables)
    keys = keys_to_read(tables, CONFIRMED_WORKFLOWS, ()) or ()
    rows = [row for key in keys for row in orjson.loads(tables.notes(CONFIRMED_WORKFLOWS, key)[FUNNEL_NOTE])]
    funnel = QUALITY_FUNNEL.frame(rows).sort("annotator", "category", "step")
    metadata = {
        "n_in": int(funnel.filter(step=1)["n_in"].sum()),
        "n_dropped": int(funnel["n_dropped"].sum()),
        "funnel": dg.MetadataValue.md(image(plot_funnel(funnel), "Workflows left after each stage")),
    }
    yield stage.write(QUALITY_FUNNEL, funnel, metadata)


def funnel_note(rows: pl.DataFrame) -> dict[str, str]:
    """Return rows of `quality_funnel` as a note."""
    return {FUNNEL_NOTE: orjson.dumps(rows.to_dicts()).decode()}
