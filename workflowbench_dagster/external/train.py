"""Trains a model: `python -m workflowbench_dagster.external.train RECIPE.json`.

Started by hand or by torchrun, on a CPU or on GPUs; only the recipe differs. Exit status 0 and a file `DONE`
in the output directory say that the model is whole; 75 that the run was told to stop and left a checkpoint;
64 that the recipe cannot be run here.
"""

import os
import sys
from pathlib import Path

from workflowbench.training.checkpoints import is_done
from workflowbench.training.errors import JobError
from workflowbench.training.progress import Progress
from workflowbench.training.recipe import Recipe
from workflowbench_dagster.external.reporting import BAD_JOB, PREEMPTED, refuse, reporter


def launch_command(recipe: Path, processes: int, python: str = sys.executable) -> list[str]:
    """The command that starts a run with one process per device."""
    torchrun = [python, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    return [*torchrun, "-m", "workflowbench_dagster.external.train", str(recipe)]


def main() -> int:
    """Run the recipe that the command line names; returns the exit status."""
    if len(sys.argv) != 2:
        print("Usage: python -m workflowbench_dagster.external.train RECIPE.json", file=sys.stderr)
        return BAD_JOB
    with reporter() as tell:
        try:
            recipe = Recipe.read(Path(sys.argv[1]))
            if is_done(Path(recipe.output)):
                tell({"event": "done already", "output": recipe.output})
                return 0
            return _train(recipe, Progress(Path(recipe.output) / "progress.jsonl", tell))
        except JobError as error:
            return refuse(error, tell)


def _train(recipe: Recipe, progress: Progress) -> int:
    from workflowbench.training.sft import Preempted, train

    try:
        report = train(recipe, progress)
    except Preempted as stopped:
        progress("preempted", detail=str(stopped))
        return PREEMPTED
    if os.environ.get("RANK", "0") == "0":
        progress("done", **report)
    _leave_together()
    return 0


def _leave_together() -> None:
    """Wait for the other processes: one that leaves early makes their last messages fail."""
    import torch

    if torch.distributed.is_initialized():
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()


if __name__ == "__main__":
    sys.exit(main())
