"""Answers requests: `python -m workflowbench_dagster.external.generate JOB.json`.

Exit status 0 says that every request has a line in the output; 70 that the engine died or stalled, 75 that
the process was told to stop: both keep what is done, and the next start goes on from there; 64 that the job
cannot be run here.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from workflowbench.inference.answering import EngineDiedError, answer_all
from workflowbench.inference.job import InferenceJob
from workflowbench.inference.lines import AnswerFile, read_requests
from workflowbench.training.errors import JobError
from workflowbench.training.progress import Progress
from workflowbench_dagster.external.reporting import BAD_JOB, ENGINE_DIED, PREEMPTED, Tell, refuse, reporter


def main() -> int:
    """Run the job that the command line names; returns the exit status."""
    if len(sys.argv) != 2:
        print("Usage: python -m workflowbench_dagster.external.generate JOB.json", file=sys.stderr)
        return BAD_JOB
    with reporter() as tell:
        try:
            return _generate(InferenceJob.read(Path(sys.argv[1])), tell)
        except JobError as error:
            return refuse(error, tell)


def _generate(job: InferenceJob, tell: Tell) -> int:
    requests = read_requests(Path(job.requests))
    progress = Progress(Path(f"{job.output}.progress.jsonl"), tell)
    with AnswerFile(Path(job.output), Path(job.model).name) as answers:
        if all(request.custom_id in answers.answered for request in requests):
            progress("done", n_requests=len(requests), n_on_disk=len(answers.answered))
            return 0
        try:
            figures = asyncio.run(_answer(job, requests, answers, progress))
        except EngineDiedError as error:
            progress("engine died", detail=str(error))
            _leave(ENGINE_DIED)
        except asyncio.CancelledError:
            progress("preempted")
            _leave(PREEMPTED)
    progress("done", **figures)
    return 0


async def _answer(
    job: InferenceJob, requests: Any, answers: AnswerFile, progress: Progress
) -> dict[str, Any]:
    task = asyncio.current_task()
    assert task
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    progress("loading", model=job.model, engine=job.engine)
    engine = _engine(job)
    progress("ready")
    figures = await answer_all(job, engine, requests, answers, progress)
    engine.close()
    return figures


def _engine(job: InferenceJob) -> Any:
    import torch

    from workflowbench.training.model_directory import check_model_directory

    check_model_directory(Path(job.model))
    has_gpu = torch.cuda.is_available()
    if job.device == "cuda" and not has_gpu:
        raise JobError("device is cuda, and there is no GPU here. Set device to cpu or auto.")
    on_cpu = job.device == "cpu" or not has_gpu
    if job.engine == "vllm":
        from workflowbench.inference.vllm_engine import VllmEngine

        return VllmEngine(job, on_cpu=on_cpu)
    from workflowbench.inference.transformers_engine import TransformersEngine

    return TransformersEngine(job, on_cpu=on_cpu)


def _leave(status: int) -> None:
    """End now: a dead engine's threads and children would keep an orderly exit waiting."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
