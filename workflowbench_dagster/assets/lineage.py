"""Stage `lineage`: which row came from which."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from workflowbench.bench.lineage import content_lineage
from workflowbench.tables import (
    ANNOTATED_WORKFLOWS,
    LINEAGE,
    SEED_WORKFLOWS,
    TRANSCRIBED_WORKFLOWS,
    WORKFLOWBENCH,
)
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(
    LINEAGE, deps=[TRANSCRIBED_WORKFLOWS, ANNOTATED_WORKFLOWS, SEED_WORKFLOWS, WORKFLOWBENCH], group="bench"
)
def lineage(context: dg.AssetExecutionContext, tables: ParquetTables) -> Iterator[dg.MaterializeResult[Any]]:
    """Record for each row which rows it came from, back to the shortcut as it was fetched."""
    stage = Stage(context, tables)
    parents = (TRANSCRIBED_WORKFLOWS, ANNOTATED_WORKFLOWS, SEED_WORKFLOWS, WORKFLOWBENCH)
    yield stage.write(LINEAGE, content_lineage(*(stage.read(table) for table in parents)))
