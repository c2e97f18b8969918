"""Stage `opt_outs`: the shortcuts that their authors do not want in the dataset."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from workflowbench.tables import OPT_OUTS
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.conditions import on_change
from workflowbench_dagster.resources.opt_outs import OptOutList
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(OPT_OUTS, group="collection", automation=on_change())
def opt_outs(
    context: dg.AssetExecutionContext, tables: ParquetTables, opt_out_list: OptOutList
) -> Iterator[dg.MaterializeResult[Any]]:
    """Read the opt-out list: what it names is left out of everything after `raw_shortcuts`.

    The table changes only if the ids do; then every stage that may hold one of them is stale.
    """
    stage = Stage(context, tables, source=opt_out_list.version)
    yield stage.write(OPT_OUTS, opt_out_list.rows())
