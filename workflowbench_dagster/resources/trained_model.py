"""A model of our own training that answers questions, one inference job per batch."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import dagster as dg

from workflowbench.files import write_atomically
from workflowbench.inference.job import InferenceJob
from workflowbench.llm.dispatched import Dispatch
from workflowbench.llm.requests import Request
from workflowbench.llm.results import Result
from workflowbench.training.errors import JobError
from workflowbench.training.trained_models import TrainedModel
from workflowbench_dagster.resources.executors.job import GpuJob
from workflowbench_dagster.resources.gpu import GpuJobs


def dispatch_to(model: TrainedModel, context: dg.AssetExecutionContext, gpu: GpuJobs, asset: str) -> Dispatch:
    """Return how requests to a trained model are answered.

    Args:
        model: The model.
        context: The step that asks.
        gpu: Where inference runs.
        asset: Asset that the answers are for.

    """

    def dispatch(requests: Mapping[str, Request]) -> Iterable[Result]:
        try:
            return _answered(context, gpu, asset, model, requests)
        except JobError as error:
            raise dg.Failure(str(error), allow_retries=False) from error

    return dispatch


def _answered(
    context: dg.AssetExecutionContext,
    gpu: GpuJobs,
    asset: str,
    model: TrainedModel,
    requests: Mapping[str, Request],
) -> list[Result]:
    """Run the inference job of a batch; a batch that was begun before goes on where it was."""
    batch = hashlib.sha256("".join(sorted(requests)).encode()).hexdigest()[:12]
    folder = Path(gpu.workspace) / "answers" / f"{model.name}-{model.revision}" / batch
    job = _job(gpu, model, folder)
    write_atomically(Path(job.requests), b"".join(request.line() for request in requests.values()))
    write_atomically(folder / "job.json", job.to_json())
    gpu.run(
        context,
        GpuJob(
            f"{model.name}-answers",
            lambda python: _command(python, folder),
            folder,
            lambda: {result.key for result in _results(job)} >= requests.keys(),
            n_gpus=job.tensor_parallel * job.data_parallel,
        ),
        asset,
    )
    return list(_results(job))


def _command(python: str, folder: Path) -> list[str]:
    return [python, "-m", "workflowbench_dagster.external.generate", str(folder / "job.json")]


def _job(gpu: GpuJobs, model: TrainedModel, folder: Path) -> InferenceJob:
    places = {"requests": str(folder / "requests.jsonl"), "output": str(folder / "answers.jsonl")}
    return InferenceJob.from_mapping({**gpu.inference, "model": str(model.directory), **places})


def _results(job: InferenceJob) -> Iterator[Result]:
    with Path(job.output).open("rb") as file:
        yield from (result for line in file if (result := Result.of(line)) is not None)
