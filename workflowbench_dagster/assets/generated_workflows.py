"""Stage `generated_workflows`: a task plan and a program for each synthetic query."""

from collections.abc import Iterator
from functools import partial
from operator import itemgetter
from typing import Any

import dagster as dg

from workflowbench.expansion.shown_seeds import shown_seeds
from workflowbench.generation.generating import generate
from workflowbench.tables import (
    EXPANDED_QUERIES,
    GENERATED_WORKFLOWS,
    GENERATED_WORKFLOWS_DROPPED,
    SEED_SPLITS,
    SEED_WORKFLOWS,
)
from workflowbench_dagster.assets.asking import Asking, asking, report_price
from workflowbench_dagster.assets.category_stage import CategoryStage
from workflowbench_dagster.assets.stage import GPU_POOL, table_stage
from workflowbench_dagster.resources.environment import cost_of, model_resource
from workflowbench_dagster.resources.gpu import GpuJobs
from workflowbench_dagster.resources.models import StageModel
from workflowbench_dagster.resources.outside import outside_version
from workflowbench_dagster.resources.progress_log import ProgressLog
from workflowbench_dagster.resources.sources import CatalogueSources
from workflowbench_dagster.resources.synthesis import Synthesis
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.resources.trained_model import dispatch_to


@table_stage(
    GENERATED_WORKFLOWS,
    GENERATED_WORKFLOWS_DROPPED,
    deps=[EXPANDED_QUERIES, SEED_WORKFLOWS, SEED_SPLITS],
    group="generation",
    tags=cost_of("generation"),
    pool=GPU_POOL if model_resource("generation").is_trained else None,
    skippable=True,
)
def generated_workflows(
    context: dg.AssetExecutionContext,
    config: Asking,
    tables: ParquetTables,
    catalogue: CatalogueSources,
    synthesis: Synthesis,
    generation_model: StageModel,
    gpu: GpuJobs,
) -> Iterator[dg.MaterializeResult[Any]]:
    """Write a task plan and a program for each synthetic query.

    The annotator is `retrieval`, which adapts the nearest workflow that is for training, a language model
    that is shown the nearest ones, or a model of our training, which is asked in one job on a GPU.
    """
    source = outside_version(catalogue, generation_model, synthesis.generation_version)
    stage = CategoryStage(context, tables, source)
    queries, seeds, splits = map(stage.read, (EXPANDED_QUERIES, SEED_WORKFLOWS, SEED_SPLITS))
    category_of = dict(queries.select("query_id", "category").iter_rows())
    dispatch = partial(dispatch_to, context=context, gpu=gpu, asset=GENERATED_WORKFLOWS.name)
    with asking(generation_model, context, config, category_of.__getitem__, dispatch) as asked:
        generation = generate(
            queries,
            shown_seeds(seeds, splits),
            catalogue.catalogue(),
            annotator=asked.model or "retrieval",
            icl=0 if generation_model.is_trained else synthesis.workflow_examples,
            progress=ProgressLog(context.log.info, "workflows", queries.height),
        )
    if config.dry_run:
        report_price(context, GENERATED_WORKFLOWS.name, {"generation": asked})
        return
    stage.to_ask_again = asked.to_ask_again
    figures = asked.figures(stage.categories.values())
    yield stage.write_by_category(GENERATED_WORKFLOWS, generation.workflows, itemgetter("category"), figures)
    yield stage.write_by_category(
        GENERATED_WORKFLOWS_DROPPED, generation.dropped, lambda row: category_of[row["row_id"]]
    )
