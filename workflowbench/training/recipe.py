"""The recipe of a training run: data, hyperparameters and hardware settings, as one JSON file.

The defaults are the paper's (section 4.1 and Appendix): 3 epochs, global batch 32, AdamW with peak learning
rate 2e-5, linear schedule, warm-up ratio 0.1, window 8,192 tokens, ZeRO stage 2.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import orjson

from workflowbench.training.errors import JobError


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the result of a training run.

    Attributes:
        base_model: Directory of the causal language model to start from, with its tokenizer.
        train: JSONL file of training conversations: `id`, `split`, `messages`.
        dev: JSONL file of conversations that select the best checkpoint; empty for none.
        output: Directory of the run: checkpoints, progress, and in the end `final`.
        epochs: Passes over the training set.
        global_batch: Windows per optimiser step, over all processes.
        micro_batch: Windows per process and forward pass.
        learning_rate: Peak learning rate of AdamW.
        schedule: Learning-rate schedule after warm-up.
        warmup_ratio: Share of the steps that warm up.
        weight_decay: Decoupled weight decay of AdamW.
        max_grad_norm: Norm at which gradients are clipped.
        window: Most tokens of a sample, and of a packed window.
        packing: Several samples fill a window; otherwise each window holds one sample.
        sampling: Order of windows: random, or windows of similar length together.
        over_long: Leave samples longer than the window out and count them, or refuse to run.
        precision: Number format of weights and activations.
        gradient_checkpointing: Recompute activations in the backward pass.
        attention: Attention implementation of transformers.
        liger: Use the fused kernels of liger-kernel, GPU only.
        zero_stage: DeepSpeed ZeRO stage.
        offload: Where optimiser states lie.
        nvme_path: Folder on a fast disk for `offload` = `nvme`.
        device: Where to train; `auto` takes GPUs if there are any.
        processes: Processes, one per GPU; all on this machine.
        seed: Seed of the order of windows and of dropout.
        save_steps: Optimiser steps between checkpoints; also between evaluations on dev.
        keep_checkpoints: Newest checkpoints that are kept.
        eval_before_save: Evaluate on dev whenever a checkpoint is saved, and keep the best one.

    """

    base_model: str
    train: str
    output: str
    dev: str = ""
    epochs: float = 3.0
    global_batch: int = 32
    micro_batch: int = 1
    learning_rate: float = 2e-5
    schedule: Literal["linear", "cosine", "constant_with_warmup"] = "linear"
    warmup_ratio: float = 0.1
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    window: int = 8192
    packing: bool = False
    sampling: Literal["random", "group_by_length", "batch_rebalance"] = "random"
    over_long: Literal["drop", "refuse"] = "drop"
    precision: Literal["bf16", "fp32"] = "bf16"
    gradient_checkpointing: bool = True
    attention: Literal["eager", "sdpa", "flex_attention", "flash_attention_2", "flash_attention_3"] = "sdpa"
    liger: bool = False
    zero_stage: Literal[1, 2, 3] = 2
    offload: Literal["none", "cpu", "nvme"] = "none"
    nvme_path: str = ""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    processes: int = 1
    seed: int = 17
    save_steps: int = 500
    keep_checkpoints: int = 2
    eval_before_save: bool = True

    def __post_init__(self) -> None:
        _check_types(self)
        positive = (
            "epochs",
            "global_batch",
            "micro_batch",
            "learning_rate",
            "window",
            "processes",
            "save_steps",
        )
        for name in positive:
            if getattr(self, name) <= 0:
                raise JobError(f"{name} is {getattr(self, name)}; it must be greater than 0.")
        if not 0 <= self.warmup_ratio < 1:
            raise JobError(
                f"warmup_ratio is {self.warmup_ratio}; give a share of the steps from 0 to below 1."
            )
        per_pass = self.micro_batch * self.processes
        if self.global_batch % per_pass:
            raise JobError(
                f"global_batch {self.global_batch} is no multiple of micro_batch x processes = {per_pass}; "
                "change one of them."
            )
        if self.offload == "nvme" and not self.nvme_path:
            raise JobError("offload is nvme without a nvme_path; name a folder on a fast local disk.")

    @property
    def accumulation(self) -> int:
        """Forward passes per optimiser step and process."""
        return self.global_batch // (self.micro_batch * self.processes)

    @classmethod
    def read(cls, path: Path) -> "Recipe":
        """Read a recipe from its JSON file.

        Raises:
            JobError: the file is missing, is no JSON object, or has a wrong or unknown setting.

        """
        try:
            document = orjson.loads(path.read_bytes())
        except OSError as error:
            raise JobError(f"The recipe {path} cannot be read: {error.strerror}.") from error
        except orjson.JSONDecodeError as error:
            raise JobError(f"The recipe {path} is no JSON: {error}.") from error
        return cls.from_mapping(document)

    @classmethod
    def from_mapping(cls, document: Mapping[str, Any]) -> "Recipe":
        """Build a recipe from settings by name."""
        if not isinstance(document, dict):
            raise JobError("A recipe is a JSON object of settings.")
        known = {field.name for field in fields(cls)}
        if unknown := sorted(document.keys() - known):
            raise JobError(
                f"A recipe has no setting {', '.join(unknown)}; it has {', '.join(sorted(known))}."
            )
        if missing := sorted({"base_model", "train", "output"} - document.keys()):
            raise JobError(f"The recipe lacks {', '.join(missing)}.")
        return cls(**document)

    def to_json(self) -> bytes:
        """Write the recipe, with every default resolved."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)

    def deepspeed(self) -> dict[str, Any]:
        """The DeepSpeed configuration; `auto` values are filled in by transformers from the recipe."""
        zero: dict[str, Any] = {
            "stage": self.zero_stage,
            "contiguous_gradients": True,
            "overlap_comm": True,
            "reduce_scatter": True,
            "reduce_bucket_size": "auto",
            "allgather_partitions": True,
            "allgather_bucket_size": 200_000_000,
        }
        if self.offload != "none":
            zero["offload_optimizer"] = {"device": self.offload, "pin_memory": self.device != "cpu"}
        if self.offload == "nvme":
            zero["offload_optimizer"]["nvme_path"] = self.nvme_path
        if self.zero_stage == 3:
            zero["stage3_gather_16bit_weights_on_model_save"] = True
        return {
            "bf16": {"enabled": "auto"},
            "zero_optimization": zero,
            "gradient_accumulation_steps": "auto",
            "gradient_clipping": "auto",
            "train_batch_size": "auto",
            "train_micro_batch_size_per_gpu": "auto",
            "steps_per_print": 1_000_000,
        }


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_types(recipe: Recipe) -> None:
    for name, hint in get_type_hints(Recipe).items():
        value = getattr(recipe, name)
        if get_origin(hint) is Literal:
            if value not in get_args(hint):
                raise JobError(f"{name} is {value!r}; it is one of {', '.join(map(str, get_args(hint)))}.")
        elif hint is float:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise JobError(f"{name} is {value!r}; it must be a number.")
        elif type(value) is not hint:
            raise JobError(f"{name} is {value!r}; it must be of type {hint.__name__}.")
