"""Stage `workflowllama`: WorkflowLlama, trained on WorkflowBench."""

from typing import Any

import dagster as dg

from workflowbench.tables import API_CATALOGUE, SPLITS, WORKFLOWBENCH
from workflowbench.training.training_rows import training_rows
from workflowbench_dagster.assets.stage import GPU_POOL, OWNERS, Stage
from workflowbench_dagster.assets.training import GPU_RETRIES, Training, train_model
from workflowbench_dagster.costs import GPU_TIME
from workflowbench_dagster.partitions import SETTING_PARTITIONS
from workflowbench_dagster.provenance import code_version
from workflowbench_dagster.resources.gpu import GpuJobs
from workflowbench_dagster.resources.tables import ParquetTables


@dg.asset(
    deps=[WORKFLOWBENCH.name, SPLITS.name, API_CATALOGUE.name],
    partitions_def=SETTING_PARTITIONS,
    group_name="training",
    owners=OWNERS,
    kinds={"python", "pytorch"},
    tags=GPU_TIME,
    code_version=code_version(__name__),
    pool=GPU_POOL,
    retry_policy=GPU_RETRIES,
)
def workflowllama(
    context: dg.AssetExecutionContext, tables: ParquetTables, gpu: GpuJobs, config: Training
) -> dg.MaterializeResult[Any]:
    """Train WorkflowLlama on the samples of WorkflowBench that are in `train` of the setting.

    `id` and `ood` are separate trainings: `ood` never sees an API that is held out.
    """
    stage = Stage(context, tables)
    splits = stage.read(SPLITS).filter(setting=context.partition_key)
    stubs = dict(stage.read(API_CATALOGUE).select("identifier", "python_stub").iter_rows())
    rows = training_rows(stage.read(WORKFLOWBENCH), splits, stubs, key="sample_id", apis="given_apis")
    model, metadata = train_model(context, gpu, rows, WORKFLOWBENCH.name, config)
    return stage.report("workflowllama", model.revision, metadata)
