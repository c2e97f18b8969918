"""Stage `transcribed_workflows`: shortcuts as Python programs."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from workflowbench.redaction.batch import totals_by_kind, transcribe_rows
from workflowbench.redaction.opt_outs import OptOuts
from workflowbench.tables import (
    OPT_OUTS,
    RAW_SHORTCUTS,
    TRANSCRIBED_WORKFLOWS,
    TRANSCRIBED_WORKFLOWS_DROPPED,
)
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.conditions import on_change
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(
    TRANSCRIBED_WORKFLOWS,
    TRANSCRIBED_WORKFLOWS_DROPPED,
    deps=[RAW_SHORTCUTS, OPT_OUTS],
    group="collection",
    automation=on_change(),
)
def transcribed_workflows(
    context: dg.AssetExecutionContext, tables: ParquetTables
) -> Iterator[dg.MaterializeResult[Any]]:
    """Redact each shortcut and write it as a Python program, proven to compile back to the redacted one.

    Personal data and secrets become placeholders before anything of a shortcut leaves `raw_shortcuts`.
    Shortcuts whose authors opted out are left out.
    """
    stage = Stage(context, tables)
    transcribed, dropped = transcribe_rows(
        stage.read(RAW_SHORTCUTS), OptOuts.of(stage.read(OPT_OUTS)), stage.every_scrape(RAW_SHORTCUTS)
    )
    yield stage.write(
        TRANSCRIBED_WORKFLOWS,
        transcribed,
        {
            "n_dropped": dropped.height,
            "n_round_trip": int(transcribed["round_trip"].sum()),
            "values_replaced_by_kind": totals_by_kind(transcribed["redactions"]),
        },
    )
    yield stage.write(TRANSCRIBED_WORKFLOWS_DROPPED, dropped)
