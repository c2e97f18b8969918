"""What a directory must hold to be a model."""

from pathlib import Path

from transformers import AutoConfig

from workflowbench.training.errors import JobError


def check_model_directory(path: Path) -> None:
    """Make sure that a directory holds a causal language model with its tokenizer.

    Raises:
        JobError: it does not.

    """
    if not (path / "config.json").is_file():
        raise JobError(
            f"{path} is no model directory: it has no config.json. Name one that save_pretrained wrote."
        )
    if not any((*path.glob("*.safetensors"), *path.glob("pytorch_model*.bin"))):
        raise JobError(f"{path} holds no weights (*.safetensors).")
    try:
        architectures = AutoConfig.from_pretrained(path, local_files_only=True).architectures or []
    except (OSError, ValueError) as error:
        raise JobError(f"{path} is no model directory: {error}") from error
    if not any(name.endswith("ForCausalLM") for name in architectures):
        raise JobError(
            f"{path} holds {', '.join(architectures) or 'no architecture'}, no causal language model."
        )
