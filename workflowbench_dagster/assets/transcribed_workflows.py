"""Stage `transcribed_workflows`: shortcuts as Python programs."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from workflowbench.shortcuts.batch import transcribe_rows
from workflowbench.tables import RAW_SHORTCUTS, TRANSCRIBED_WORKFLOWS, TRANSCRIBED_WORKFLOWS_DROPPED
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(TRANSCRIBED_WORKFLOWS, TRANSCRIBED_WORKFLOWS_DROPPED, deps=[RAW_SHORTCUTS], group="collection")
def transcribed_workflows(
    context: dg.AssetExecutionContext, tables: ParquetTables
) -> Iterator[dg.MaterializeResult[Any]]:
    """Write each shortcut as a Python program, with the proof that it compiles back to the same shortcut."""
    stage = Stage(context, tables)
    transcribed, dropped = transcribe_rows(stage.read(RAW_SHORTCUTS))
    yield stage.write(
        TRANSCRIBED_WORKFLOWS,
        transcribed,
        {"n_dropped": dropped.height, "n_round_trip": int(transcribed["round_trip"].sum())},
    )
    yield stage.write(TRANSCRIBED_WORKFLOWS_DROPPED, dropped)
