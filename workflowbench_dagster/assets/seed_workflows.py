"""Stage `seed_workflows`: the newest version of each collected workflow, once."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from pydantic import Field

from workflowbench.bench.deduplication import seed_workflows as deduplicate
from workflowbench.redaction.opt_outs import OptOuts
from workflowbench.tables import (
    ANNOTATED_WORKFLOWS,
    OPT_OUTS,
    RAW_SHORTCUTS,
    SEED_WORKFLOWS,
    SEED_WORKFLOWS_DROPPED,
    TRANSCRIBED_WORKFLOWS,
)
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.conditions import on_change_of_all
from workflowbench_dagster.resources.tables import ParquetTables


class Deduplication(dg.Config):
    """How alike two workflows may be and both stay."""

    threshold: float = Field(0.8, ge=0.7, le=1, description="Jaccard similarity of a near duplicate.")


@table_stage(
    SEED_WORKFLOWS,
    SEED_WORKFLOWS_DROPPED,
    deps=[RAW_SHORTCUTS, OPT_OUTS, TRANSCRIBED_WORKFLOWS, ANNOTATED_WORKFLOWS],
    group="thoughts",
    automation=on_change_of_all(),
)
def seed_workflows(
    context: dg.AssetExecutionContext, tables: ParquetTables, config: Deduplication
) -> Iterator[dg.MaterializeResult[Any]]:
    """Unite all scrapes and keep the newest version of each workflow, once.

    Shortcuts of authors who opted out, withdrawn and superseded versions, exact and near duplicates are
    dropped, each duplicate with the twin that stays.
    """
    stage = Stage(context, tables)
    seeds, dropped = deduplicate(
        stage.scan(RAW_SHORTCUTS).drop("payload").collect(),
        stage.read(TRANSCRIBED_WORKFLOWS),
        stage.read(ANNOTATED_WORKFLOWS),
        OptOuts.of(stage.read(OPT_OUTS)),
        threshold=config.threshold,
    )
    yield stage.write(SEED_WORKFLOWS, seeds, {"n_dropped": dropped.height, "threshold": config.threshold})
    yield stage.write(SEED_WORKFLOWS_DROPPED, dropped)
