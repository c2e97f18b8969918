"""Stage `workflowbench`: the samples of the dataset."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from workflowbench.bench.samples import workflowbench_samples
from workflowbench.tables import SEED_WORKFLOWS, WORKFLOWBENCH, WORKFLOWBENCH_DROPPED
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(WORKFLOWBENCH, WORKFLOWBENCH_DROPPED, deps=[SEED_WORKFLOWS], group="bench")
def workflowbench(
    context: dg.AssetExecutionContext, tables: ParquetTables
) -> Iterator[dg.MaterializeResult[Any]]:
    """Make a sample of WorkflowBench of each workflow that passes the quality rules."""
    stage = Stage(context, tables)
    samples, dropped = workflowbench_samples(stage.read(SEED_WORKFLOWS))
    yield stage.write(WORKFLOWBENCH, samples, {"n_dropped": dropped.height})
    yield stage.write(WORKFLOWBENCH_DROPPED, dropped)
