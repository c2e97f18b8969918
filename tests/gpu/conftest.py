"""Fixtures of the tests that need torch: a tiny model directory, conversations, and runs of the program."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from workflowbench.training.recipe import Recipe
from workflowbench_dagster.external.train import launch_command

ROOT = Path(__file__).parents[2]
VERBS = ("Send", "Open", "Read", "Save", "Play")


def conversation(number: int, split: str = "train") -> dict[str, object]:
    """Make a conversation that a tiny model can learn by heart."""
    verb = VERBS[number % len(VERBS)]
    steps = "\n".join(f"{step}. {verb} page {step} of book {number}" for step in range(1, 4))
    code = "\n".join(f"page_{step} = do_{verb.lower()}( WFPage={step})" for step in range(1, 5))
    return {
        "id": f"{split}-{number}",
        "split": split,
        "messages": [
            {"role": "system", "content": "You write workflows."},
            {"role": "user", "content": f"{verb} the pages of book {number}."},
            {"role": "assistant", "content": f"Thought: {steps}\n\nCode:\n```python\n{code}\n```"},
        ],
    }


def write_lines(path: Path, rows: list[dict[str, object]]) -> Path:
    """Write a JSONL file."""
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a tiny random Llama and its tokenizer."""
    from workflowbench.training.tiny_model import make_tiny_model

    directory = tmp_path_factory.mktemp("tiny") / "model"
    texts = [message["content"] for number in range(24) for message in conversation(number)["messages"]]
    make_tiny_model(texts, directory, vocabulary=600, hidden=96, window=1024)
    return directory


@pytest.fixture(scope="session")
def conversations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Files of training and dev conversations."""
    folder = tmp_path_factory.mktemp("conversations")
    train = write_lines(folder / "train.jsonl", [conversation(number) for number in range(24)])
    dev = write_lines(folder / "dev.jsonl", [conversation(number, "dev") for number in range(5)])
    return {"train": str(train), "dev": str(dev)}


@pytest.fixture(scope="session")
def make_recipe(tiny_model: Path, conversations: dict[str, str]) -> Callable[..., Path]:
    """A function that writes a recipe of a short run on two processes: output directory and changes."""

    def make(output: Path, **changes: object) -> Path:
        settings = {
            "base_model": str(tiny_model),
            **conversations,
            "output": str(output),
            "epochs": 6,
            "global_batch": 4,
            "learning_rate": 3e-3,
            "window": 512,
            "processes": 2,
            "device": "cpu",
            "save_steps": 10,
            **changes,
        }
        output.mkdir(parents=True, exist_ok=True)
        path = output / "recipe.json"
        path.write_bytes(Recipe(**settings).to_json())
        return path

    return make


def environment() -> dict[str, str]:
    """The environment of a run: this checkout, this interpreter's tools, no network."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PATH": path,
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }


def start(recipe: Path) -> "subprocess.Popen[str]":
    """Start a run as production does, in a process group of its own."""
    command = launch_command(recipe, Recipe.read(recipe).processes)
    log = (recipe.parent / "log.txt").open("a")
    return subprocess.Popen(
        command, env=environment(), stdout=log, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def run(recipe: Path) -> int:
    """Run a recipe to its end; returns the exit status of the launcher."""
    return start(recipe).wait(timeout=300)


def events(recipe: Path) -> list[dict[str, object]]:
    """What a run told while it ran."""
    path = recipe.parent / "progress.jsonl"
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []
