import os
import signal
import time
from pathlib import Path

import orjson
import psutil
import pytest
from conftest import events, run, start
from safetensors.torch import load_file

from workflowbench.training.recipe import file_digest
from workflowbench_dagster.external.reporting import PREEMPTED


@pytest.fixture(scope="module")
def finished(tmp_path_factory, make_recipe):
    """A run on two processes with ZeRO-2, to its end."""
    recipe = make_recipe(tmp_path_factory.mktemp("finished") / "run")
    assert run(recipe) == 0, (recipe.parent / "log.txt").read_text()[-3000:]
    return recipe


def report(recipe: Path) -> dict:
    return orjson.loads((recipe.parent / "final" / "report.json").read_bytes())


def test_the_loss_falls_below_half_its_start(finished):
    assert report(finished)["last_loss"] < report(finished)["first_loss"] / 2


def test_deepspeed_ran_on_both_processes(finished):
    assert (report(finished)["engine"], report(finished)["world_size"]) == ("DeepSpeedEngine", 2)


def test_dev_is_evaluated_at_every_checkpoint(finished):
    assert [point["step"] for point in report(finished)["dev_curve"]] == [10, 20, 30, 36]


def test_the_model_says_what_it_was_made_of(finished):
    final = finished.parent / "final"
    recipe = orjson.loads((final / "recipe.json").read_bytes())
    assert (final / "trained_on.txt").read_text().split() == [f"train-{number}" for number in range(24)]
    assert report(finished)["train_sha256"] == file_digest(Path(recipe["train"]))
    assert (finished.parent / "DONE").exists()


def test_progress_is_told_at_every_step(finished):
    steps = [event["step"] for event in events(finished) if event["event"] == "step" and "loss" in event]
    assert steps == list(range(1, 37))


def test_a_second_start_of_a_finished_run_does_nothing(finished):
    before = (finished.parent / "final" / "model.safetensors").stat().st_mtime_ns
    assert run(finished) == 0
    assert (finished.parent / "final" / "model.safetensors").stat().st_mtime_ns == before


def wait_for_step(recipe: Path, step: int, process) -> None:
    deadline = time.monotonic() + 200
    while not any(event.get("step", 0) >= step for event in events(recipe)):
        assert process.poll() is None, (recipe.parent / "log.txt").read_text()[-3000:]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_killed_rank_is_resumed_to_the_same_weights(finished, tmp_path, make_recipe):
    recipe = make_recipe(tmp_path / "run")
    process = start(recipe)
    wait_for_step(recipe, 15, process)
    ranks = [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if child.environ().get("RANK") == "1" and "workflowbench_dagster.external.train" in child.cmdline()
    ]
    ranks[0].kill()
    assert process.wait(timeout=120) != 0
    assert not (recipe.parent / "DONE").exists()
    assert run(recipe) == 0
    assert report(recipe)["resumed_from"] == "checkpoint-10"
    weights, expected = (
        load_file(path.parent / "final" / "model.safetensors") for path in (recipe, finished)
    )
    assert all(weights[name].equal(expected[name]) for name in expected)


def test_a_run_that_is_told_to_stop_is_no_finished_run(tmp_path, make_recipe):
    recipe = make_recipe(tmp_path / "run", processes=1, epochs=40, eval_before_save=False)
    process = start(recipe)
    wait_for_step(recipe, 3, process)
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=120)
    assert events(recipe)[-1]["event"] == "preempted"
    assert not (recipe.parent / "DONE").exists()
    assert run(recipe) == 0
    assert report(recipe)["n_steps"] == 240
    assert PREEMPTED == 75
