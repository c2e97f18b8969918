"""Stage `annotated_workflows`: hierarchical thoughts for each workflow."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import polars as pl

from workflowbench.catalogue.api import Api
from workflowbench.tables import ANNOTATED_WORKFLOWS, ANNOTATED_WORKFLOWS_DROPPED, TRANSCRIBED_WORKFLOWS
from workflowbench.thoughts.offline import annotate_offline
from workflowbench.thoughts.with_model import annotate_with_model, expected_questions
from workflowbench_dagster.assets.asking import Asked, Asking, asking, report_price
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.conditions import on_change
from workflowbench_dagster.resources.environment import cost_of
from workflowbench_dagster.resources.models import StageModel
from workflowbench_dagster.resources.outside import outside_version
from workflowbench_dagster.resources.sources import CatalogueSources
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(
    ANNOTATED_WORKFLOWS,
    ANNOTATED_WORKFLOWS_DROPPED,
    deps=[TRANSCRIBED_WORKFLOWS],
    group="thoughts",
    tags=cost_of("thoughts"),
    automation=None if cost_of("thoughts") else on_change(),
    skippable=True,
)
def annotated_workflows(
    context: dg.AssetExecutionContext,
    config: Asking,
    tables: ParquetTables,
    catalogue: CatalogueSources,
    thoughts_model: StageModel,
) -> Iterator[dg.MaterializeResult[Any]]:
    """Give each workflow readable names, a comment per statement, a task plan and a query.

    Rules write them from the documentation of the actions, or a language model; every row says who in its
    column `annotator`.
    """
    stage = Stage(context, tables, source=outside_version(catalogue, thoughts_model))
    with asking(thoughts_model, context, config, lambda _: context.partition_key) as asked:
        annotated, dropped = _thoughts(stage.read(TRANSCRIBED_WORKFLOWS), catalogue.catalogue(), asked)
    if config.dry_run:
        report_price(context, ANNOTATED_WORKFLOWS.name, {"thoughts": asked})
        return
    stage.to_ask_again = asked.to_ask_again
    figures = asked.figures([context.partition_key])[context.partition_key]
    yield stage.write(ANNOTATED_WORKFLOWS, annotated, {"n_dropped": dropped.height, **figures})
    yield stage.write(ANNOTATED_WORKFLOWS_DROPPED, dropped)


def _thoughts(
    transcribed: pl.DataFrame, catalogue: Mapping[str, Api], asked: Asked
) -> tuple[pl.DataFrame, pl.DataFrame]:
    if asked.pricing:
        asked.pricing.price(expected_questions(transcribed, catalogue))
        return ANNOTATED_WORKFLOWS.frame(), ANNOTATED_WORKFLOWS_DROPPED.frame()
    if asked.model:
        return annotate_with_model(transcribed, catalogue, asked.model)
    return annotate_offline(transcribed, catalogue)
