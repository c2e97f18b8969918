"""The resource that dispatches jobs to GPUs; only its configuration says where they run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import dagster as dg
from dagster._core.errors import DagsterPipesExecutionError
from pydantic import Field

from workflowbench_dagster.external.reporting import BAD_JOB, REFUSED
from workflowbench_dagster.resources.executors.job import Executor, GpuJob, JobFailedError, JobResult
from workflowbench_dagster.resources.executors.kubernetes import KubernetesExecutor, KubernetesSettings
from workflowbench_dagster.resources.executors.local import LocalExecutor
from workflowbench_dagster.resources.executors.messages import LiveReader, Progress
from workflowbench_dagster.resources.executors.ray import RayExecutor, RaySettings


class GpuJobs(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Runs programs on GPUs, or on a CPU with a tiny model, and passes on what they report."""

    executor: Literal["subprocess", "kubernetes", "ray"] = Field(
        default="subprocess", description="Where jobs run."
    )
    workspace: str = Field(
        description="Folder for inputs, checkpoints and models; jobs see it under the same path."
    )
    base_model: str = Field(
        default="", description="Directory of the causal language model that trainings start from."
    )
    python: str = Field(
        default="", description="The interpreter with torch on the machine that runs jobs (subprocess)."
    )
    inference: dict[str, Any] = Field(
        default={}, description="Settings of every inference job, e.g. {window: 4096}; docs/training.md."
    )
    environment: dict[str, str] = Field(default={}, description="Variables of every job's environment.")
    kubernetes: KubernetesSettings = Field(
        default=KubernetesSettings(), description="The pods that jobs run in (kubernetes)."
    )
    ray: RaySettings = Field(default=RaySettings(), description="The Ray cluster (ray).")
    grace_seconds: float = Field(
        default=12, ge=0, le=600, description="Time to write a checkpoint before a cancelled job is killed."
    )
    report_seconds: float = Field(
        default=10, ge=0, description="Least time between two observations of a running job."
    )

    def run(self, context: dg.AssetExecutionContext, job: GpuJob, asset: str) -> JobResult:
        """Run a job to its end while its progress is shown.

        Args:
            context: The step that waits for it.
            job: The job.
            asset: Asset that the job works for.

        Raises:
            dg.Failure: the job failed, with the last lines of its log; it may be tried again unless the
                program refuses the job as it was given.

        """
        job.folder.mkdir(parents=True, exist_ok=True)
        progress = Progress(context, dg.AssetKey(asset), self.report_seconds)
        executor = self._executor()
        try:
            invocation = executor.run(context, job, lambda reader: LiveReader(reader, progress))
        except JobFailedError as error:
            is_refusal = error.exit_status == BAD_JOB or progress.last.get("event") == REFUSED
            raise _failure(job, _cause(error, progress), error.log_tail, may_retry=not is_refusal) from None
        except DagsterPipesExecutionError as error:
            raise _failure(job, str(error), executor.log_tail(job)) from None
        if not progress.is_done:
            cause = "The program ended well without ever reporting that it is done."
            raise _failure(job, cause, executor.log_tail(job))
        if not job.is_complete():
            cause = f"The program reported that it is done, and its output in {job.folder} is not whole."
            raise _failure(job, cause, executor.log_tail(job))
        return JobResult(progress.last, tuple(invocation.get_results(implicit_materializations=False)))

    def _executor(self) -> Executor:
        if self.executor == "kubernetes":
            return KubernetesExecutor(self.kubernetes, self.workspace, self.environment, self.grace_seconds)
        if self.executor == "ray":
            return RayExecutor(self.ray, self.environment)
        return LocalExecutor(self.interpreter, self.environment, self.grace_seconds)

    @property
    def interpreter(self) -> str:
        """The interpreter with torch.

        Raises:
            dg.Failure: there is none.

        """
        if not Path(self.python).is_file():
            wrong = (
                f"{self.python} is no interpreter" if self.python else "There is no interpreter with torch"
            )
            remedy = "Run `make gpu-environment`, or name one in WORKFLOWBENCH_GPU_PYTHON."
            raise dg.Failure(f"{wrong}. {remedy}", allow_retries=False)
        return self.python


def _cause(error: JobFailedError, progress: Progress) -> str:
    last: Mapping[str, object] = progress.last
    said = f" It last reported: {last['event']}. {last.get('detail', '')}" if "event" in last else ""
    return f"{error}{said}".strip()


def _failure(job: GpuJob, cause: str, log_tail: str, *, may_retry: bool = True) -> dg.Failure:
    return dg.Failure(
        f"{job.name} failed: {cause}\n\nLast lines of its log:\n{log_tail or '(none)'}",
        metadata={"folder": str(job.folder), "log_tail": dg.MetadataValue.text(log_tail)},
        allow_retries=may_retry,
    )
