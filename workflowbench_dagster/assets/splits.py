"""Stage `splits`: train, dev and test in both settings."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from workflowbench.bench.derivation import Derivation
from workflowbench.bench.seed_splits import SETTINGS, SPLIT_NAMES
from workflowbench.bench.splits import split_samples
from workflowbench.tables import (
    API_POOLS,
    EXPANDED_QUERIES,
    LINEAGE,
    SEED_SPLITS,
    SEED_WORKFLOWS,
    SPLITS,
    WORKFLOWBENCH,
)
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.conditions import on_change_of_all
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(
    SPLITS,
    deps=[WORKFLOWBENCH, SEED_WORKFLOWS, EXPANDED_QUERIES, SEED_SPLITS, API_POOLS, LINEAGE],
    group="bench",
    automation=on_change_of_all(),
)
def splits(context: dg.AssetExecutionContext, tables: ParquetTables) -> Iterator[dg.MaterializeResult[Any]]:
    """Put each sample into train, dev or test, or exclude it with a reason, in both settings.

    `id` tests unseen instructions, `ood` unseen APIs. No training sample is derived from what is tested.
    """
    stage = Stage(context, tables)
    derivation = Derivation(*map(stage.read, (WORKFLOWBENCH, SEED_WORKFLOWS, EXPANDED_QUERIES, LINEAGE)))
    drawn = split_samples(derivation, stage.read(SEED_SPLITS), stage.read(API_POOLS))
    sizes = {
        f"n_{setting}_{name}": drawn.filter(setting=setting, split=name).height
        for setting in SETTINGS
        for name in (*SPLIT_NAMES, "excluded")
    }
    yield stage.write(SPLITS, drawn, sizes)
