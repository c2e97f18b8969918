"""An inference job: which model answers which file of requests, and how the engine is set up."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import orjson

from workflowbench.training.errors import JobError


@dataclass(frozen=True, slots=True)
class InferenceJob:
    """Everything that an inference run needs to know.

    Attributes:
        model: Directory of a causal language model with its tokenizer.
        requests: JSONL file of requests, as OpenAI's batch files have them: `custom_id` and `body`.
        output: JSONL file of answers; those that it holds are not asked for again.
        engine: vLLM, or transformers' continuous batching where vLLM cannot be installed.
        device: Where the model runs; `auto` takes a GPU if there is one.
        window: Most tokens of a prompt and its answer together.
        in_flight: Most requests that the engine works on at a time.
        stall_seconds: So long without any new token, and the engine counts as dead.
        tensor_parallel: GPUs that hold one copy of the model (vLLM).
        data_parallel: Copies of the model (vLLM).
        memory_share: Share of a GPU's memory that the engine may take (vLLM); on a CPU of the main memory.
        prefix_caching: Keep what equal beginnings of prompts have in common (vLLM).
        eager: Do without compiled graphs: slower, but ready at once (vLLM).
        seed: Seed of requests that name none.

    """

    model: str
    requests: str
    output: str
    engine: Literal["vllm", "transformers"] = "vllm"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    window: int = 8192
    in_flight: int = 256
    stall_seconds: float = 600.0
    tensor_parallel: int = 1
    data_parallel: int = 1
    memory_share: float = 0.9
    prefix_caching: bool = True
    eager: bool = False
    seed: int = 17

    def __post_init__(self) -> None:
        for name, hint in get_type_hints(InferenceJob).items():
            _check(name, getattr(self, name), hint)
        for name in (
            "window",
            "in_flight",
            "stall_seconds",
            "tensor_parallel",
            "data_parallel",
            "memory_share",
        ):
            if getattr(self, name) <= 0:
                raise JobError(f"{name} is {getattr(self, name)}; it must be greater than 0.")
        if self.engine == "transformers" and self.tensor_parallel * self.data_parallel > 1:
            raise JobError("Only the vllm engine runs in parallel; set both parallel settings to 1.")

    @classmethod
    def read(cls, path: Path) -> "InferenceJob":
        """Read a job from its JSON file.

        Raises:
            JobError: the file cannot be read, or has a missing, wrong or unknown setting.

        """
        try:
            document = orjson.loads(path.read_bytes())
        except OSError as error:
            raise JobError(f"The job {path} cannot be read: {error.strerror}.") from error
        except orjson.JSONDecodeError as error:
            raise JobError(f"The job {path} is no JSON: {error}.") from error
        return cls.from_mapping(document)

    @classmethod
    def from_mapping(cls, document: Mapping[str, Any]) -> "InferenceJob":
        """Build a job from settings by name."""
        if not isinstance(document, dict):
            raise JobError("A job is a JSON object of settings.")
        known = {field.name for field in fields(cls)}
        if unknown := sorted(document.keys() - known):
            raise JobError(f"A job has no setting {', '.join(unknown)}; it has {', '.join(sorted(known))}.")
        if missing := sorted({"model", "requests", "output"} - document.keys()):
            raise JobError(f"The job lacks {', '.join(missing)}.")
        return cls(**document)

    def to_json(self) -> bytes:
        """Write the job, with every default resolved."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def _check(name: str, value: object, hint: Any) -> None:
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise JobError(f"{name} is {value!r}; it is one of {', '.join(map(str, get_args(hint)))}.")
    elif hint is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise JobError(f"{name} is {value!r}; it must be a number.")
    elif type(value) is not hint:
        raise JobError(f"{name} is {value!r}; it must be of type {hint.__name__}.")
