"""Stage `lineage`: which row came from which."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from workflowbench.bench.lineage import collected_lineage, sample_lineage, synthetic_lineage, united
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
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.conditions import on_change_of_all
from workflowbench_dagster.resources.tables import ParquetTables

COLLECTED = (TRANSCRIBED_WORKFLOWS, ANNOTATED_WORKFLOWS, SEED_WORKFLOWS)
SYNTHETIC = (EXPANDED_QUERIES, GENERATED_WORKFLOWS, CONFIRMED_WORKFLOWS)


@table_stage(
    LINEAGE,
    deps=[*COLLECTED, *SYNTHETIC, WORKFLOWBENCH],
    group="bench",
    automation=on_change_of_all(),
)
def lineage(context: dg.AssetExecutionContext, tables: ParquetTables) -> Iterator[dg.MaterializeResult[Any]]:
    """Record for each row which rows it came from, back to the shortcut as it was fetched."""
    stage = Stage(context, tables)
    collected = collected_lineage(*map(stage.read, COLLECTED))
    synthetic = synthetic_lineage(*map(stage.read, SYNTHETIC))
    edges = united(collected, synthetic, sample_lineage(stage.read(WORKFLOWBENCH)))
    counts = {f"n_{kind}": count for kind, count in sorted(edges["kind"].value_counts().iter_rows())}
    yield stage.write(LINEAGE, edges, counts)
