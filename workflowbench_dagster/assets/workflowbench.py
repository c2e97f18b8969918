"""Stage `workflowbench`: the samples of the dataset."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from pydantic import Field

from workflowbench.bench.samples import workflowbench_samples
from workflowbench.tables import CONFIRMED_WORKFLOWS, SEED_WORKFLOWS, WORKFLOWBENCH, WORKFLOWBENCH_DROPPED
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.conditions import on_change_of_all
from workflowbench_dagster.resources.tables import ParquetTables


class Merge(dg.Config):
    """How alike a synthetic sample may be to another sample and stay."""

    threshold: float = Field(0.8, ge=0.7, le=1, description="Jaccard similarity of near-duplicate programs.")
    query_threshold: float = Field(0.7, ge=0.5, le=1, description="That of near-duplicate queries, by words.")


@table_stage(
    WORKFLOWBENCH,
    WORKFLOWBENCH_DROPPED,
    deps=[SEED_WORKFLOWS, CONFIRMED_WORKFLOWS],
    group="bench",
    automation=on_change_of_all(),
)
def workflowbench(
    context: dg.AssetExecutionContext, tables: ParquetTables, config: Merge
) -> Iterator[dg.MaterializeResult[Any]]:
    """Make a sample of each collected or synthetic workflow that passes the rules and repeats no other."""
    stage = Stage(context, tables)
    samples, dropped = workflowbench_samples(
        stage.read(SEED_WORKFLOWS),
        stage.read(CONFIRMED_WORKFLOWS),
        threshold=config.threshold,
        query_threshold=config.query_threshold,
    )
    origins = {f"n_{name}": samples.filter(origin=name).height for name in ("collected", "synthetic")}
    yield stage.write(WORKFLOWBENCH, samples, {**origins, "n_dropped": dropped.height})
    yield stage.write(WORKFLOWBENCH_DROPPED, dropped)
