"""Stage `splits`: train, dev and test."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from pydantic import Field

from workflowbench.bench.splits import split_samples
from workflowbench.tables import SPLITS, WORKFLOWBENCH
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.resources.tables import ParquetTables


class Fractions(dg.Config):
    """How the families of near duplicates are drawn into splits."""

    seed: int = Field(0, description="Seed of the draw; another seed is another draw.")
    dev: float = Field(0.1, ge=0, le=0.5, description="Expected fraction of families in dev.")
    test: float = Field(0.1, ge=0, le=0.5, description="Expected fraction of families in test.")


@table_stage(SPLITS, deps=[WORKFLOWBENCH], group="bench")
def splits(
    context: dg.AssetExecutionContext, tables: ParquetTables, config: Fractions
) -> Iterator[dg.MaterializeResult[Any]]:
    """Put each family of near duplicates, as a whole, into train, dev or test."""
    stage = Stage(context, tables)
    samples = stage.read(WORKFLOWBENCH)
    drawn = split_samples(samples, seed=config.seed, dev=config.dev, test=config.test)
    sizes = {f"n_{name}": drawn.filter(split=name).height for name in ("train", "dev", "test")}
    yield stage.write(SPLITS, drawn, {**sizes, "seed": config.seed})
