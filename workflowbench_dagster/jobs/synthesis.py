"""The job that makes synthetic workflows. Only people start it, since models may cost money."""

import dagster as dg

from workflowbench_dagster.conditions import SYNTHESISED
from workflowbench_dagster.costs import GPU_TIME, tagged

synthesise = dg.define_asset_job(
    "synthesise",
    selection=dg.AssetSelection.assets(*SYNTHESISED).downstream() - tagged(GPU_TIME),
    description="Write queries and workflows, confirm their quality, and carry them to the release."
    " Choose all categories, or some.",
    tags={"team": "workflowbench"},
)
