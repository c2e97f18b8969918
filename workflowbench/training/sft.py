"""The training run: any causal language model directory, transformers' Trainer, DeepSpeed's ZeRO.

Every process of the run calls `train`; the launcher (torchrun) has set `RANK` and `WORLD_SIZE`.
"""

import os
import resource
import shutil
from pathlib import Path
from typing import Any

import orjson
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from workflowbench.files import write_atomically
from workflowbench.training.chat import IGNORED, Encoded, encode, prepare_tokenizer
from workflowbench.training.checkpoints import DONE, FINAL, last_complete
from workflowbench.training.conversations import read_conversations
from workflowbench.training.errors import JobError
from workflowbench.training.model_directory import check_model_directory
from workflowbench.training.packing import Window, WindowDataset, collate, one_per_window, pack
from workflowbench.training.progress import Progress
from workflowbench.training.recipe import Recipe, file_digest

_CURVE = ("step", "loss", "learning_rate")
"""What the report tells of every step."""


class Preempted(Exception):  # noqa: N818 - not an error: the run goes on when it is started again
    """The run was asked to stop and left a checkpoint."""


def train(recipe: Recipe, progress: Progress) -> dict[str, Any]:
    """Run a recipe to its end, or go on from its last checkpoint.

    Returns:
        The report that lies beside the model: figures, resolved recipe, data hashes.

    Raises:
        JobError: the recipe cannot be run here, or something that was asked for is not in use.
        Preempted: the process was told to terminate; a checkpoint was written.

    """
    device = _device(recipe)
    output = Path(recipe.output)
    tokenizer = _tokenizer(recipe)
    data = encode(
        read_conversations(Path(recipe.train), "train"),
        tokenizer,
        window=recipe.window,
        over_long=recipe.over_long,
    )
    dev = _dev(recipe, tokenizer)
    set_seed(recipe.seed)
    trainer = _Trainer(
        model=_model(recipe),
        args=_arguments(recipe, device, has_dev=dev is not None),
        train_dataset=WindowDataset(_windows(recipe, data)),
        eval_dataset=WindowDataset(one_per_window(dev.samples)) if dev else None,
        data_collator=collate,
        processing_class=tokenizer,
        callbacks=[_Reporter(progress)],
    )
    start = last_complete(output)
    if trainer.is_world_process_zero():
        progress(
            "start",
            resumed_from=start.name if start else None,
            **_sizes(data),
            recipe=recipe.to_json().decode(),
        )
    n_tokens_before = _tokens_seen(start)
    result = trainer.train(resume_from_checkpoint=str(start) if start else None)
    _check_run(recipe, trainer)
    report = _report(recipe, trainer, result.metrics, data, dev, start, n_tokens_before)
    _save(trainer, recipe, output, data, report)
    return report


def _device(recipe: Recipe) -> str:
    device = recipe.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise JobError(
            "device is cuda, and there is no GPU here. Set device to cpu or auto, or use another machine."
        )
    if device == "cuda" and torch.cuda.device_count() < recipe.processes:
        raise JobError(
            f"{recipe.processes} processes need as many GPUs; here are {torch.cuda.device_count()}."
        )
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world != recipe.processes:
        raise JobError(f"The recipe asks for {recipe.processes} processes, and {world} were started.")
    if device == "cpu":
        os.environ["DS_ACCELERATOR"] = "cpu"
        # With this variable accelerate drops DeepSpeed without a word, and plain AdamW trains.
        os.environ.pop("ACCELERATE_USE_CPU", None)
    return device


def _tokenizer(recipe: Recipe) -> Any:
    base = Path(recipe.base_model)
    check_model_directory(base)
    try:
        tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    except (OSError, ValueError) as error:
        raise JobError(f"{base} has no tokenizer: {error}") from error
    prepare_tokenizer(tokenizer)
    return tokenizer


def _dev(recipe: Recipe, tokenizer: Any) -> Encoded | None:
    if not recipe.dev:
        return None
    conversations = read_conversations(Path(recipe.dev), "dev")
    return encode(conversations, tokenizer, window=recipe.window, over_long="drop")


def _windows(recipe: Recipe, data: Encoded) -> list[Window]:
    return pack(data.samples, recipe.window) if recipe.packing else one_per_window(data.samples)


def _model(recipe: Recipe) -> Any:
    dtype = torch.bfloat16 if recipe.precision == "bf16" else torch.float32
    model = AutoModelForCausalLM.from_pretrained(
        recipe.base_model, dtype=dtype, attn_implementation=recipe.attention, local_files_only=True
    )
    limit = getattr(model.config, "max_position_embeddings", recipe.window)
    if recipe.window > limit:
        raise JobError(f"window is {recipe.window}, and the model reads at most {limit} tokens.")
    model.config.use_cache = False
    return model


def _arguments(recipe: Recipe, device: str, *, has_dev: bool) -> TrainingArguments:
    on_cpu = device == "cpu"
    evaluates = has_dev and recipe.eval_before_save
    return TrainingArguments(
        output_dir=recipe.output,
        per_device_train_batch_size=recipe.micro_batch,
        per_device_eval_batch_size=1,
        gradient_accumulation_steps=recipe.accumulation,
        num_train_epochs=recipe.epochs,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type=recipe.schedule,
        warmup_steps=recipe.warmup_ratio,
        weight_decay=recipe.weight_decay,
        max_grad_norm=recipe.max_grad_norm,
        bf16=recipe.precision == "bf16",
        tf32=None if on_cpu else True,
        gradient_checkpointing=recipe.gradient_checkpointing,
        gradient_checkpointing_kwargs={"use_reentrant": False} if recipe.gradient_checkpointing else None,
        optim="adamw_torch_fused",
        logging_steps=1,
        report_to=[],
        save_strategy="steps",
        save_steps=recipe.save_steps,
        save_total_limit=recipe.keep_checkpoints,
        eval_strategy="steps" if evaluates else "no",
        eval_steps=recipe.save_steps,
        load_best_model_at_end=evaluates,
        metric_for_best_model="eval_loss" if evaluates else None,
        greater_is_better=False if evaluates else None,
        use_cpu=on_cpu,
        ddp_backend="gloo" if on_cpu and recipe.processes > 1 else None,
        deepspeed=recipe.deepspeed(),
        seed=recipe.seed,
        data_seed=recipe.seed,
        train_sampling_strategy=recipe.sampling,
        use_liger_kernel=recipe.liger,
        dataloader_pin_memory=not on_cpu,
        disable_tqdm=True,
        remove_unused_columns=False,
        include_num_input_tokens_seen="all",
        enable_jit_checkpoint=True,
    )


class _Trainer(Trainer):  # type: ignore[misc]
    """The Trainer of transformers with a dev loss that is a mean over tokens, not over windows."""

    def evaluate(self, *_: Any, metric_key_prefix: str = "eval", **__: Any) -> dict[str, float]:
        """Mean loss per learnt token of dev; each process takes every n-th window, all equally many."""
        windows, world, rank = self.eval_dataset, self.args.world_size, self.args.process_index
        totals = torch.zeros(2, dtype=torch.float64, device=self.args.device)
        self.model_wrapped.eval()
        with torch.no_grad():
            for first in range(0, len(windows), world):
                index = first + rank
                inputs = self._prepare_inputs(collate([windows[index % len(windows)]]))
                loss = float(self.model_wrapped(**inputs).loss)
                n_tokens = int((inputs["labels"] != IGNORED).sum()) if index < len(windows) else 0
                totals += torch.tensor([loss * n_tokens, n_tokens], device=self.args.device)
        self.model_wrapped.train()
        if torch.distributed.is_initialized():
            torch.distributed.all_reduce(totals)
        metrics = {f"{metric_key_prefix}_loss": float(totals[0] / totals[1])}
        self.log(metrics)
        self.control: Any = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class _Reporter(TrainerCallback):  # type: ignore[misc]
    """Passes the figures of each step on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any
    ) -> None:
        if state.is_world_process_zero:
            figures = {name: value for name, value in (logs or {}).items() if isinstance(value, int | float)}
            self._progress("step", step=state.global_step, n_steps=state.max_steps, **figures, **_memory())

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.is_world_process_zero:
            self._progress("checkpoint", step=state.global_step)


def _memory() -> dict[str, float]:
    """Most memory that this process held, in GiB: of its GPU, or on a CPU of the machine."""
    if torch.cuda.is_available():
        return {"memory_gib": round(torch.cuda.max_memory_allocated() / 2**30, 2)}
    return {"memory_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)}


def _check_run(recipe: Recipe, trainer: Trainer) -> None:
    """Refuse a run that ended early or in which DeepSpeed was left out without a word."""
    engine = trainer.model_wrapped
    if type(engine).__name__ != "DeepSpeedEngine" or engine.zero_optimization_stage() != recipe.zero_stage:
        raise JobError(
            f"ZeRO stage {recipe.zero_stage} was asked for, and {type(engine).__name__} ran instead."
        )
    if trainer.accelerator.num_processes != recipe.processes:
        raise JobError(
            f"{recipe.processes} processes were asked for, {trainer.accelerator.num_processes} took part."
        )
    if trainer.state.global_step < trainer.state.max_steps:
        raise Preempted(f"Stopped at step {trainer.state.global_step} of {trainer.state.max_steps}.")


def _sizes(data: Encoded) -> dict[str, int]:
    return {
        "n_samples": len(data.samples),
        "n_over_long": len(data.over_long),
        "n_tokens": data.n_tokens,
        "n_loss_tokens": data.n_loss_tokens,
    }


def _report(
    recipe: Recipe,
    trainer: Trainer,
    metrics: dict[str, float],
    data: Encoded,
    dev: Encoded | None,
    start: Path | None,
    n_tokens_before: int,
) -> dict[str, Any]:
    history = trainer.state.log_history
    losses = [{name: line[name] for name in _CURVE} for line in history if "loss" in line]
    seconds = metrics["train_runtime"]
    n_seen = int(trainer.state.num_input_tokens_seen)
    return {
        **_sizes(data),
        "n_dev_samples": len(dev.samples) if dev else 0,
        "n_parameters": sum(
            weight.numel() for weight in trainer.accelerator.unwrap_model(trainer.model).parameters()
        ),
        "n_steps": trainer.state.global_step,
        "first_loss": losses[0]["loss"],
        "last_loss": losses[-1]["loss"],
        "loss_curve": losses,
        "dev_curve": [{"step": e["step"], "loss": e["eval_loss"]} for e in history if "eval_loss" in e],
        "best_checkpoint": _name(trainer.state.best_model_checkpoint),
        "resumed_from": start.name if start else None,
        "train_seconds": seconds,
        "n_tokens_seen": n_seen,
        "tokens_per_second": round((n_seen - n_tokens_before) / seconds, 1),
        **_memory(),
        "engine": type(trainer.model_wrapped).__name__,
        "world_size": trainer.accelerator.num_processes,
        "device": trainer.args.device.type,
        "train_sha256": file_digest(Path(recipe.train)),
        "dev_sha256": file_digest(Path(recipe.dev)) if recipe.dev else None,
        "over_long": [{"id": name, "n_tokens": length} for name, length in data.over_long],
    }


def _tokens_seen(checkpoint: Path | None) -> int:
    """Tokens that the run had seen when it wrote a checkpoint."""
    if checkpoint is None:
        return 0
    state = orjson.loads((checkpoint / "trainer_state.json").read_bytes())
    return int(state["num_input_tokens_seen"])


def _name(path: str | None) -> str | None:
    return Path(path).name if path else None


def _save(trainer: Trainer, recipe: Recipe, output: Path, data: Encoded, report: dict[str, Any]) -> None:
    """Write the model, what it was made of, and last of all the sign that it is whole."""
    unfinished = output / f"{FINAL}.unfinished"
    trainer.save_model(str(unfinished))
    if not trainer.is_world_process_zero():
        return
    trained_on = b"".join(f"{sample.id}\n".encode() for sample in data.samples)
    write_atomically(unfinished / "trained_on.txt", trained_on)
    write_atomically(unfinished / "recipe.json", recipe.to_json())
    write_atomically(unfinished / "report.json", orjson.dumps(report, option=orjson.OPT_INDENT_2))
    shutil.rmtree(output / FINAL, ignore_errors=True)
    unfinished.rename(output / FINAL)
    write_atomically(output / DONE, b"")
