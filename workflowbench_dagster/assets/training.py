"""What both trainings share: write the inputs, dispatch the program, read its report."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import dagster as dg
import orjson
from pydantic import Field

from workflowbench.training.checkpoints import is_done
from workflowbench.training.errors import JobError
from workflowbench.training.plots import plot_losses
from workflowbench.training.recipe import Recipe, file_digest
from workflowbench.training.trained_models import TrainedModel, record_model
from workflowbench.training.training_rows import TrainingRows, write_rows
from workflowbench_dagster.assets.pictures import image
from workflowbench_dagster.external.train import launch_command
from workflowbench_dagster.resources.executors.job import GpuJob
from workflowbench_dagster.resources.gpu import GpuJobs

GPU_RETRIES = dg.RetryPolicy(max_retries=2, delay=10, backoff=dg.Backoff.EXPONENTIAL)
"""A run that was preempted, or lost a process, goes on from its last checkpoint."""

_SHOWN = (
    *("n_parameters", "n_samples", "n_dev_samples", "n_over_long", "n_tokens", "n_loss_tokens", "n_steps"),
    *("first_loss", "last_loss", "best_checkpoint", "resumed_from", "train_seconds", "n_tokens_seen"),
    *("tokens_per_second", "memory_gib", "engine", "world_size", "device", "train_sha256", "dev_sha256"),
)


class Training(dg.Config):
    """How a model is trained; what is not set has the paper's value."""

    recipe: dict[str, Any] = Field(
        default={},
        description="Settings of the recipe by name, e.g. {processes: 8, liger: true}; docs/training.md.",
    )


def train_model(
    context: dg.AssetExecutionContext, gpu: GpuJobs, rows: TrainingRows, rows_of: str, config: Training
) -> tuple[TrainedModel, dict[str, Any]]:
    """Train a model for the partition of this run, on a GPU wherever the resource says.

    Args:
        context: The step; its asset and partition name the model.
        gpu: Where the program runs.
        rows: What the model learns from.
        rows_of: Table whose rows they are.
        config: The recipe.

    Returns:
        The model, and metadata for its materialization.

    Raises:
        dg.Failure: the training failed, or cannot be run as it was asked for.

    """
    name = f"{context.asset_key.to_user_string()}-{context.partition_key}"
    try:
        recipe = prepare_run(Path(gpu.workspace) / name, gpu.base_model, rows, config.recipe)
    except JobError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    run = Path(recipe.output)
    gpu.run(
        context,
        GpuJob(
            name,
            lambda python: launch_command(run / "recipe.json", recipe.processes, python),
            run,
            lambda: is_done(run),
            n_gpus=recipe.processes,
        ),
        context.asset_key.to_user_string(),
    )
    model = record_model(name, rows_of, run)
    return model, _metadata(model, recipe, rows)


def prepare_run(place: Path, base_model: str, rows: TrainingRows, changes: Mapping[str, Any]) -> Recipe:
    """Write the inputs of a run into a directory that is named after them.

    Equal inputs have one directory, in which a run goes on where it was; other inputs begin anew.

    Raises:
        JobError: the recipe has a wrong or unknown setting, or names no base model.

    """
    if not (base_model or changes.get("base_model")):
        raise JobError("No base model is named: set WORKFLOWBENCH_BASE_MODEL to a model directory.")
    if fixed := sorted({"train", "dev", "output"} & changes.keys()):
        raise JobError(f"The platform decides about {', '.join(fixed)}; leave it out of the recipe.")
    inputs = place / ".inputs"
    write_rows(inputs / "train.jsonl", rows.train)
    write_rows(inputs / "dev.jsonl", rows.dev)
    asked = Recipe.from_mapping({"base_model": base_model, "train": "", "output": "", **changes})
    digests = [file_digest(inputs / f"{split}.jsonl") for split in ("train", "dev")]
    key = hashlib.sha256(orjson.dumps([asdict(asked), digests], option=orjson.OPT_SORT_KEYS)).hexdigest()
    run = place / key[:12]
    run.mkdir(exist_ok=True)
    for split in ("train", "dev"):
        (inputs / f"{split}.jsonl").replace(run / f"{split}.jsonl")
    dev = str(run / "dev.jsonl") if rows.dev else ""
    recipe = replace(asked, train=str(run / "train.jsonl"), dev=dev, output=str(run))
    (run / "recipe.json").write_bytes(recipe.to_json())
    return recipe


def _metadata(model: TrainedModel, recipe: Recipe, rows: TrainingRows) -> dict[str, Any]:
    report = model.report
    shown = {name: report[name] for name in _SHOWN if report.get(name) is not None}
    return {
        "model": model.full_name,
        "directory": dg.MetadataValue.path(str(model.directory)),
        **shown,
        "n_undocumented": len(rows.undocumented),
        "losses": dg.MetadataValue.md(image(plot_losses(report), "Loss and learning rate")),
        "loss_curve": dg.MetadataValue.json(report["loss_curve"]),
        "dev_curve": dg.MetadataValue.json(report["dev_curve"]),
        "recipe": dg.MetadataValue.json(asdict(recipe)),
        "deepspeed": dg.MetadataValue.json(recipe.deepspeed()),
    }
