"""Stage `annotator`: the annotator, trained on collected workflows."""

from typing import Any

import dagster as dg

from workflowbench.tables import API_CATALOGUE, SEED_SPLITS, SEED_WORKFLOWS
from workflowbench.training.training_rows import training_rows
from workflowbench_dagster.assets.stage import GPU_POOL, OWNERS, Stage
from workflowbench_dagster.assets.training import GPU_RETRIES, Training, train_model
from workflowbench_dagster.costs import GPU_TIME
from workflowbench_dagster.partitions import SETTING_PARTITIONS
from workflowbench_dagster.provenance import code_version
from workflowbench_dagster.resources.gpu import GpuJobs
from workflowbench_dagster.resources.tables import ParquetTables


@dg.asset(
    deps=[SEED_WORKFLOWS.name, SEED_SPLITS.name, API_CATALOGUE.name],
    partitions_def=SETTING_PARTITIONS,
    group_name="training",
    owners=OWNERS,
    kinds={"python", "pytorch"},
    tags=GPU_TIME,
    code_version=code_version(__name__),
    pool=GPU_POOL,
    retry_policy=GPU_RETRIES,
)
def annotator(
    context: dg.AssetExecutionContext, tables: ParquetTables, gpu: GpuJobs, config: Training
) -> dg.MaterializeResult[Any]:
    """Train the annotator on collected workflows: it writes workflows for new queries.

    Only seeds in `train` of the setting are learnt, so nothing that it writes has seen a test workflow.
    """
    stage = Stage(context, tables)
    splits = stage.read(SEED_SPLITS).filter(setting=context.partition_key)
    stubs = dict(stage.read(API_CATALOGUE).select("identifier", "python_stub").iter_rows())
    rows = training_rows(stage.read(SEED_WORKFLOWS), splits, stubs, key="workflow_id", apis="apis")
    model, metadata = train_model(context, gpu, rows, SEED_WORKFLOWS.name, config)
    return stage.report("annotator", model.revision, metadata)
