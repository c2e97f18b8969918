"""Stage `annotated_workflows`: hierarchical thoughts for each workflow."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from workflowbench.tables import ANNOTATED_WORKFLOWS, ANNOTATED_WORKFLOWS_DROPPED, TRANSCRIBED_WORKFLOWS
from workflowbench.thoughts.offline import annotate_offline
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.conditions import on_change
from workflowbench_dagster.resources.sources import CatalogueSources
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(
    ANNOTATED_WORKFLOWS,
    ANNOTATED_WORKFLOWS_DROPPED,
    deps=[TRANSCRIBED_WORKFLOWS],
    group="thoughts",
    automation=on_change(),
)
def annotated_workflows(
    context: dg.AssetExecutionContext, tables: ParquetTables, catalogue: CatalogueSources
) -> Iterator[dg.MaterializeResult[Any]]:
    """Give each workflow readable names, a comment per statement, a task plan and a query.

    The rules of the offline annotator write them from the documentation of the actions; every row says so in
    its column `annotator`.
    """
    stage = Stage(context, tables, source=catalogue.version)
    annotated, dropped = annotate_offline(stage.read(TRANSCRIBED_WORKFLOWS), catalogue.catalogue())
    yield stage.write(ANNOTATED_WORKFLOWS, annotated, {"n_dropped": dropped.height})
    yield stage.write(ANNOTATED_WORKFLOWS_DROPPED, dropped)
