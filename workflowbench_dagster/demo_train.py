"""Trains an annotator from start to end on this machine's CPU: `python -m workflowbench_dagster.demo_train`.

The model is tiny and knows nothing before, but everything else is as in production: two processes of
DeepSpeed behind torchrun, dispatched by Dagster; one of them is killed, and the weights must be the same.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any, TextIO

import dagster as dg
import orjson
import polars as pl
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG
from rich.console import Console

from workflowbench.tables import (
    API_CATALOGUE,
    CONFIRMED_WORKFLOWS,
    EXPANDED_QUERIES,
    GENERATED_WORKFLOWS,
    GENERATED_WORKFLOWS_DROPPED,
    SEED_WORKFLOWS,
)
from workflowbench.training.trained_models import TrainedModel, newest_model
from workflowbench_dagster.homes import DEFAULT_DIRECTORY, Home, enter, home_for
from workflowbench_dagster.partitions import CATEGORY_NAMES
from workflowbench_dagster.resources import environment
from workflowbench_dagster.resources.executors.process_tree import marked
from workflowbench_dagster.resources.models import TRAINED, StageModel

HOMES = DEFAULT_DIRECTORY / "training"
SETTING = "ood"
WRITTEN = ("generated_workflows", "confirmed_workflows")
RECIPE: dict[str, Any] = {
    "processes": 2,
    "device": "cpu",
    "window": 3072,
    "packing": True,
    "global_batch": 2,
    "epochs": 8,
    "learning_rate": 4e-3,
    "save_steps": 10,
}
KILL_AT_STEP = 15
INFERENCE: dict[str, Any] = {
    "window": 4096,
    "device": "cpu",
    "in_flight": 8,
    "memory_share": 0.2,
    "eager": True,
}
ANSWER_TOKENS = 384
CATEGORIES = list(CATEGORY_NAMES)[:4]


class DemoError(RuntimeError):
    """Something that the demonstration promises did not happen."""


def main() -> None:
    """Build the examples, train twice, kill a process of the second run, and compare."""
    parser = argparse.ArgumentParser(prog="python -m workflowbench_dagster.demo_train", description=__doc__)
    parser.add_argument("--shortcuts", type=Path, default=Path("examples"), help="folder of shortcuts")
    parser.add_argument("--home", type=Path, default=HOMES, help="folder of the homes")
    options = parser.parse_args()
    home = home_for(options.home, options.shortcuts)
    console = Console(
        file=_own_output(home.path / "training.log"), soft_wrap=True, markup=False, highlight=False
    )
    started = time.monotonic()
    try:
        _demonstrate(home, console)
    except (DemoError, subprocess.CalledProcessError) as error:
        console.print(f"error: {error}")
        sys.exit(1)
    console.print(f"All of it took {time.monotonic() - started:.0f} s.")


def _demonstrate(home: Home, console: Console) -> None:
    with _step(console, "build the dataset from the examples"):
        _build(home)
    enter(home)
    base = home.path / "base"
    with _step(console, f"make a tiny random Llama in {base}"):
        _make_base(base)
    os.environ[environment.BASE_MODEL] = str(base)
    with _step(console, "train the annotator on two processes, undisturbed"):
        undisturbed = _train(home, home.path / "gpu-undisturbed")
    _show(console, undisturbed)
    with _step(console, f"train it again, and kill one process at step {KILL_AT_STEP}"):
        resumed = _train(home, home.path / "gpu", kill_at=KILL_AT_STEP)
    _compare(console, undisturbed, resumed)
    with _step(console, "write workflows with the trained model on vLLM, and confirm their quality"):
        _generate(home)
    _show_generated(console, resumed)


def _own_output(log: Path) -> TextIO:
    """Keep the standard output for the demonstration; what the programs write goes into a log."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    print(f"The programs write to {log}.", file=output)
    return output


@contextmanager
def _step(console: Console, what: str) -> Iterator[None]:
    started = time.monotonic()
    console.print(f"- {what}")
    yield
    console.print(f"  {time.monotonic() - started:.0f} s")


def _build(home: Home) -> None:
    command = [sys.executable, "-m", "workflowbench_dagster.demo", "--home", str(home.path.parent)]
    command += ["--shortcuts", str(home.shortcuts)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def _make_base(directory: Path) -> None:
    """Train a byte-level tokenizer on the dataset, and draw random weights, in the GPU environment."""
    texts = directory.with_suffix(".jsonl")
    texts.write_bytes(b"".join(orjson.dumps(text) + b"\n" for text in _texts()))
    python = environment.gpu_resource().interpreter
    command = [python, "-m", "workflowbench.training.tiny_model", str(texts), str(directory)]
    source = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    subprocess.run(command, check=True, env=source, stderr=subprocess.DEVNULL)  # noqa: S603


def _texts() -> list[str]:
    tables = environment.table_resource()
    seeds = tables.read(SEED_WORKFLOWS)
    called = seeds["apis"].explode().unique()
    stubs = tables.read(API_CATALOGUE).filter(pl.col("identifier").is_in(called.implode()))
    return [*seeds["query"], *seeds["task_plan"], *seeds["code"], *stubs["python_stub"]]


def _train(home: Home, workspace: Path, kill_at: int | None = None) -> TrainedModel:
    from workflowbench_dagster.definitions import defs

    gpu = environment.gpu_resource(workspace=str(workspace), report_seconds=5)
    job = _with(defs, gpu=gpu).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance, _killer(workspace, kill_at):
        result = job.execute_in_process(
            instance=instance,
            partition_key=SETTING,
            asset_selection=[dg.AssetKey("annotator")],
            run_config={"ops": {"annotator": {"config": {"recipe": RECIPE}}}, "loggers": {"progress": {}}},
            raise_on_error=False,
        )
    if not result.success:
        raise DemoError(f"The training failed; its log is below {workspace}.")
    return newest_model(workspace, f"annotator-{SETTING}")


def _with(defs: dg.Definitions, **resources: Any) -> dg.Definitions:
    return dg.Definitions(
        assets=defs.assets,
        resources={**(defs.resources or {}), **resources},
        loggers=defs.loggers,
        executor=defs.executor,
    )


@contextmanager
def _killer(workspace: Path, step: int | None) -> Iterator[None]:
    """Kill the second process of a training below `workspace` once it has reached a step."""
    ended = Event()
    if step is not None:
        Thread(target=_kill, args=(workspace, step, ended), daemon=True).start()
    yield
    ended.set()


def _kill(workspace: Path, step: int, ended: Event) -> None:
    while not ended.wait(0.05):
        for progress in workspace.glob("*/*/progress.jsonl"):
            events = [orjson.loads(line) for line in progress.read_bytes().splitlines()]
            if any(event.get("step", 0) >= step for event in events):
                mark = (progress.parent / "lock").read_text()
                ranks = [each for each in marked(mark) if each.environ().get("RANK") == "1"]
                for rank in ranks:
                    rank.kill()
                return


def _generate(home: Home) -> None:
    from workflowbench_dagster.definitions import defs

    model = environment.model_resource("generation")
    settings = {**dict(model), "backend": TRAINED, "model": f"annotator-{SETTING}"}
    trained = StageModel(**{**settings, "parameters": f'{{"max_tokens": {ANSWER_TOKENS}}}'})
    gpu = environment.gpu_resource(inference=INFERENCE)
    job = _with(defs, gpu=gpu, generation_model=trained).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        result = job.execute_in_process(
            instance=instance,
            asset_selection=[
                dg.AssetKey(name) for name in (*WRITTEN, *(f"{name}_dropped" for name in WRITTEN))
            ],
            tags={
                ASSET_PARTITION_RANGE_START_TAG: CATEGORIES[0],
                ASSET_PARTITION_RANGE_END_TAG: CATEGORIES[-1],
            },
            raise_on_error=False,
        )
    if not result.success:
        raise DemoError(f"The generation failed; its log is below {home.path / 'gpu'}.")


def _show_generated(console: Console, model: TrainedModel) -> None:
    tables = environment.table_resource()
    counts = {
        table.name: tables.scan(table, CATEGORIES).collect().height
        for table in (EXPANDED_QUERIES, GENERATED_WORKFLOWS, CONFIRMED_WORKFLOWS)
    }
    written = tables.scan(GENERATED_WORKFLOWS, CATEGORIES).collect()
    if set(written["annotator"]) - {model.full_name}:
        raise DemoError("Some workflows were not written by the trained model.")
    dropped = tables.scan(GENERATED_WORKFLOWS_DROPPED, CATEGORIES).collect()["rule"].value_counts(sort=True)
    rules = ", ".join(f"{rule} {count}" for rule, count in dropped.iter_rows()) or "none"
    console.print("  " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    console.print(f"  answers that were not usable: {rules}")


def _show(console: Console, model: TrainedModel) -> None:
    report = model.report
    first, last = report["first_loss"], report["last_loss"]
    console.print(
        f"  loss {first:.2f} -> {last:.2f} in {report['n_steps']} steps on {report['n_samples']} workflows, "
        f"{report['engine']}, {report['world_size']} processes, {report['tokens_per_second']:,.0f} tokens/s"
    )
    if last > first / 2:
        raise DemoError("The loss did not fall below half its start.")


def _compare(console: Console, undisturbed: TrainedModel, resumed: TrainedModel) -> None:
    start = resumed.report["resumed_from"]
    if start is None:
        raise DemoError("The second training was not interrupted.")
    if resumed.revision != undisturbed.revision:
        raise DemoError(f"The weights differ: {undisturbed.full_name} and {resumed.full_name}.")
    console.print(f"  killed, resumed from {start}, and the same weights to the bit: {resumed.full_name}")


if __name__ == "__main__":
    main()
