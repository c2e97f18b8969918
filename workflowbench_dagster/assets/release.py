"""Stage `release`: the dataset as it is published."""

from typing import Any

import dagster as dg

from workflowbench.bench.release import write_release
from workflowbench.tables import (
    ANNOTATED_WORKFLOWS_DROPPED,
    API_CATALOGUE,
    API_POOLS,
    CONFIRMED_WORKFLOWS_DROPPED,
    EXPANDED_QUERIES_DROPPED,
    GENERATED_WORKFLOWS_DROPPED,
    LINEAGE,
    RAW_SHORTCUTS_DROPPED,
    SEED_WORKFLOWS_DROPPED,
    SPLITS,
    STATISTICS,
    TRANSCRIBED_WORKFLOWS_DROPPED,
    WORKFLOWBENCH,
    WORKFLOWBENCH_DROPPED,
)
from workflowbench_dagster.assets.stage import OWNERS, Stage
from workflowbench_dagster.conditions import on_change_of_all
from workflowbench_dagster.provenance import code_version
from workflowbench_dagster.resources.tables import ParquetTables

CONTENT = (WORKFLOWBENCH, SPLITS, API_POOLS, STATISTICS, API_CATALOGUE, LINEAGE)
DROPPED = (
    RAW_SHORTCUTS_DROPPED,
    TRANSCRIBED_WORKFLOWS_DROPPED,
    ANNOTATED_WORKFLOWS_DROPPED,
    SEED_WORKFLOWS_DROPPED,
    EXPANDED_QUERIES_DROPPED,
    GENERATED_WORKFLOWS_DROPPED,
    CONFIRMED_WORKFLOWS_DROPPED,
    WORKFLOWBENCH_DROPPED,
)


@dg.asset(
    deps=[table.name for table in (*CONTENT, *DROPPED)],
    group_name="bench",
    owners=OWNERS,
    kinds={"python", "json", "parquet"},
    code_version=code_version(__name__),
    automation_condition=on_change_of_all(),
)
def release(context: dg.AssetExecutionContext, tables: ParquetTables) -> dg.MaterializeResult[Any]:
    """Write the dataset in the layout of the published one: samples, splits, card, lineage, checksums."""
    stage = Stage(context, tables)
    samples, splits, pools, statistics, catalogue, lineage = map(stage.read, CONTENT)
    dropped = {table.name.removesuffix("_dropped"): stage.read(table) for table in DROPPED}
    with tables.replacing("release") as folder:
        manifest = write_release(folder, samples, splits, pools, statistics, catalogue, lineage, dropped)
        n_bytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    uri = tables.storage.uri("release")
    metadata = {
        "dagster/uri": uri,
        "dagster/row_count": manifest["samples"],
        "card": f"{uri}/README.md",
        "size_bytes": n_bytes,
        **{
            f"n_{setting}_{split}": count
            for setting, sizes in manifest["splits"].items()
            for split, count in sizes.items()
        },
    }
    return stage.report("release", manifest["checksums_sha256"], metadata)
