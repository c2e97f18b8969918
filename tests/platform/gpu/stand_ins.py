"""Runs of an asset that dispatches a stand-in program."""

import sys
from pathlib import Path

import dagster as dg

from workflowbench_dagster.resources.executors.job import GpuJob
from workflowbench_dagster.resources.gpu import GpuJobs


def stand_in_resource(workspace: Path, **changes: object) -> GpuJobs:
    """The resource, on this machine, with this interpreter."""
    settings = {"python": sys.executable, "report_seconds": 0, "grace_seconds": 1, **changes}
    return GpuJobs(workspace=str(workspace), **settings)


def model_of(job: GpuJob, max_retries: int = 0) -> dg.AssetsDefinition:
    """An asset that runs a job."""

    @dg.asset(retry_policy=dg.RetryPolicy(max_retries=max_retries) if max_retries else None, pool="gpu")
    def model(context: dg.AssetExecutionContext, gpu: GpuJobs) -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata=dict(gpu.run(context, job, "model").figures))

    return model


def materialize(
    gpu: GpuJobs, job: GpuJob, instance: dg.DagsterInstance, max_retries: int = 0
) -> dg.ExecuteInProcessResult:
    """Materialize an asset that runs a job."""
    asset = model_of(job, max_retries)
    return dg.materialize([asset], instance=instance, resources={"gpu": gpu}, raise_on_error=False)


def failure(result: dg.ExecuteInProcessResult) -> str:
    """Why the step failed."""
    (event,) = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    error = event.step_failure_data.error
    wrappers = ("Exceeded max_retries", "dagster._core.errors.DagsterExecutionStepExecutionError")
    return error.cause.message if error.message.startswith(wrappers) else error.message
