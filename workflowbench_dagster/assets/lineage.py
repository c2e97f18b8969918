"""Stage `lineage`: which row came from which."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from workflowbench.bench.lineage import (
    collected_lineage,
    node,
    sample_lineage,
    synthetic_lineage,
    united,
    weights_lineage,
)
from workflowbench.tables import (
    ANNOTATED_WORKFLOWS,
    CONFIRMED_WORKFLOWS,
    EXPANDED_QUERIES,
    GENERATED_WORKFLOWS,
    LINEAGE,
    SEED_WORKFLOWS,
    TRANSCRIBED_WORKFLOWS,
    WORKFLOWBENCH,
)
from workflowbench.training.trained_models import TrainedModel, trained_models
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.conditions import on_change_of_all
from workflowbench_dagster.resources.gpu import GpuJobs
from workflowbench_dagster.resources.tables import ParquetTables

COLLECTED = (TRANSCRIBED_WORKFLOWS, ANNOTATED_WORKFLOWS, SEED_WORKFLOWS)
SYNTHETIC = (EXPANDED_QUERIES, GENERATED_WORKFLOWS, CONFIRMED_WORKFLOWS)

ANNOTATOR = "annotator"


@table_stage(
    LINEAGE,
    deps=[*COLLECTED, *SYNTHETIC, WORKFLOWBENCH],
    models=[ANNOTATOR],
    group="bench",
    automation=on_change_of_all(),
)
def lineage(
    context: dg.AssetExecutionContext, tables: ParquetTables, gpu: GpuJobs
) -> Iterator[dg.MaterializeResult[Any]]:
    """Record for each row which rows it came from, back to the shortcut as it was fetched."""
    stage = Stage(context, tables)
    collected = collected_lineage(*map(stage.read, COLLECTED))
    synthetic = synthetic_lineage(*map(stage.read, SYNTHETIC))
    annotators = (model for model in trained_models(Path(gpu.workspace)) if model.name.startswith(ANNOTATOR))
    weights = model_lineage(annotators, stage.read(GENERATED_WORKFLOWS))
    edges = united(collected, synthetic, sample_lineage(stage.read(WORKFLOWBENCH)), *weights)
    counts = {f"n_{kind}": count for kind, count in sorted(edges["kind"].value_counts().iter_rows())}
    yield stage.write(LINEAGE, edges, counts)


def model_lineage(models: Iterable[TrainedModel], generated: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the edges of trained models: to the rows that they saw, and from the rows that they wrote."""
    return [
        weights_lineage(
            model.full_name,
            (
                node(GENERATED_WORKFLOWS, key)
                for key in generated.filter(annotator=model.full_name)["query_id"]
            ),
            model.trained_on,
        )
        for model in models
    ]
