"""Stage `seed_splits`: which APIs and which collected workflows are kept from training."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from pydantic import Field

from workflowbench.bench.api_pools import api_pools
from workflowbench.bench.seed_splits import seed_split
from workflowbench.tables import API_CATALOGUE, API_POOLS, SEED_SPLITS, SEED_WORKFLOWS
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.conditions import on_change_of_all
from workflowbench_dagster.resources.tables import ParquetTables


class Draw(dg.Config):
    """How apps are held out, and how the families of near duplicates are drawn into splits."""

    seed: int = Field(0, description="Seed of the draw; another seed is another draw.")
    dev: float = Field(0.1, ge=0, le=0.5, description="Expected fraction of families in dev.")
    test: float = Field(0.1, ge=0, le=0.5, description="Expected fraction of families in test.")
    held_out: float = Field(0.2, ge=0, le=1, description="Expected fraction of third-party apps to hold out.")


@table_stage(
    SEED_SPLITS,
    API_POOLS,
    deps=[API_CATALOGUE, SEED_WORKFLOWS],
    group="expansion",
    automation=on_change_of_all(),
)
def seed_splits(
    context: dg.AssetExecutionContext, tables: ParquetTables, config: Draw
) -> Iterator[dg.MaterializeResult[Any]]:
    """Draw the split of each collected workflow, and the held-out apps, before anything is derived.

    A family of near duplicates is drawn as a whole. Only workflows in train are shown to whoever writes more.
    """
    stage = Stage(context, tables)
    seeds = stage.read(SEED_WORKFLOWS)
    pools = api_pools(stage.read(API_CATALOGUE), seeds, seed=config.seed, held_out=config.held_out)
    splits = seed_split(seeds, pools, seed=config.seed, dev=config.dev, test=config.test)
    pool_sizes = {f"n_{pool}": count for pool, count in sorted(pools["pool"].value_counts().iter_rows())}
    yield stage.write(SEED_SPLITS, splits, {"seed": config.seed})
    yield stage.write(API_POOLS, pools, {**pool_sizes, "seed": config.seed})
