"""Jobs of a Ray cluster. Needs the extra `ray`."""

import shlex
from collections.abc import Mapping
from typing import Any

import dagster as dg
from pydantic import Field

from workflowbench_dagster.external.reporting import MESSAGES
from workflowbench_dagster.resources.executors.job import LOG_LINES, GpuJob, JobFailedError, MessageWrapper
from workflowbench_dagster.resources.executors.messages import s3_reader


class RaySettings(dg.Config):
    """The Ray cluster that jobs are submitted to."""

    address: str = Field(default="", description="Address of the dashboard, e.g. http://ray-head:8265.")
    messages_bucket: str = Field(
        default="", description="Bucket that messages travel through; empty sends them with the job's log."
    )
    cpus: float = Field(default=1, ge=0, description="Processor cores that Ray sets aside for a job.")
    resources: dict[str, float] = Field(default={}, description="Custom resources of Ray that a job needs.")
    python: str = Field(default="python", description="Interpreter on the nodes.")
    poll_seconds: float = Field(default=2, gt=0, description="Time between two looks at a job.")


class RayExecutor:
    """Submits each job to Ray, which puts it on a node with enough free GPUs.

    Args:
        settings: The cluster.
        environment: Variables of every job.

    """

    def __init__(self, settings: RaySettings, environment: Mapping[str, str]) -> None:
        if not settings.address:
            raise dg.Failure(
                "The ray executor needs address: set WORKFLOWBENCH_GPU_RAY.", allow_retries=False
            )
        self._settings = settings
        self._environment = {**environment, "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
        if settings.messages_bucket:
            self._environment[MESSAGES] = "s3"

    def run(
        self, context: dg.AssetExecutionContext, job: GpuJob, wrap: MessageWrapper
    ) -> dg.PipesClientCompletedInvocation:
        """Run a job; see `Executor.run`."""
        from dagster_ray import PipesRayJobClient

        # A client whose `run` was called before reads no messages: each job has a client of its own.
        client = PipesRayJobClient(
            address=self._settings.address,
            message_reader=wrap(self._reader()),
            poll_interval=self._settings.poll_seconds,
        )
        parameters = self.submission(job)
        try:
            completed: dg.PipesClientCompletedInvocation = client.run(
                context=context, submit_job_params=parameters
            )
        except RuntimeError as error:
            raise self._failed(parameters, error) from error
        return completed

    def log_tail(self, job: GpuJob) -> str:
        """Say where the log is: Ray keeps it."""
        return f"ray job logs of the job of {job.name} at {self._settings.address}"

    def submission(self, job: GpuJob) -> dict[str, Any]:
        """Return what is submitted: `JobSubmissionClient.submit_job`'s arguments."""
        return {
            "entrypoint": shlex.join(job.command(self._settings.python)),
            "entrypoint_num_gpus": float(job.n_gpus),
            "entrypoint_num_cpus": self._settings.cpus,
            "entrypoint_resources": self._settings.resources,
            "runtime_env": {"env_vars": dict(self._environment)},
            "metadata": {"workflowbench/name": job.name},
        }

    def _reader(self) -> dg.PipesMessageReader:
        from dagster_ray import PipesRayJobMessageReader

        if self._settings.messages_bucket:
            return s3_reader(self._settings.messages_bucket, self._settings.poll_seconds)
        reader: dg.PipesMessageReader = PipesRayJobMessageReader()
        return reader

    def _failed(self, parameters: Mapping[str, Any], error: Exception) -> JobFailedError:
        """Describe the failure by what Ray knows of the job, once it was submitted."""
        from ray.job_submission import JobSubmissionClient

        if "submission_id" not in parameters:
            return JobFailedError(str(error), "")
        client, name = JobSubmissionClient(self._settings.address), parameters["submission_id"]
        job, log = client.get_job_info(name), client.get_job_logs(name)
        tail = "\n".join(log.splitlines()[-LOG_LINES:])
        return JobFailedError(
            f"Exit status {job.driver_exit_code}; Ray job {name}.", tail, job.driver_exit_code
        )
