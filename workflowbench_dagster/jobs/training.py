"""The training of models as a job, started by people only."""

import dagster as dg

train = dg.define_asset_job(
    "train",
    selection=dg.AssetSelection.groups("training"),
    description="Train the annotator and WorkflowLlama for a setting, where the resource `gpu` says.",
    tags={"team": "workflowbench"},
    executor_def=dg.multiprocess_executor,
)
