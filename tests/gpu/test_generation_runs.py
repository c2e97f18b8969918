import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import psutil
import pytest
from conftest import conversation, environment, run, write_lines

from workflowbench.inference.job import InferenceJob
from workflowbench_dagster.external.reporting import BAD_JOB, ENGINE_DIED, PREEMPTED

N_REQUESTS = 24


@pytest.fixture(scope="module")
def trained(tmp_path_factory, make_recipe):
    """A model that has learnt its conversations."""
    recipe = make_recipe(tmp_path_factory.mktemp("trained") / "run", epochs=12, eval_before_save=False)
    assert run(recipe) == 0, (recipe.parent / "log.txt").read_text()[-3000:]
    return recipe.parent / "final"


def write_job(folder: Path, model: Path, n_tokens=120, **settings) -> Path:
    folder.mkdir(exist_ok=True)
    requests = [
        {
            "custom_id": f"r{number}",
            "body": {"messages": conversation(number)["messages"][:-1], "max_tokens": n_tokens},
        }
        for number in range(N_REQUESTS)
    ]
    too_long = {"custom_id": "long", "body": {**requests[0]["body"], "max_tokens": 5000}}
    job = InferenceJob(
        model=str(model),
        requests=str(write_lines(folder / "requests.jsonl", [*requests, too_long])),
        output=str(folder / "answers.jsonl"),
        **{"device": "cpu", "window": 512, "in_flight": 8, "memory_share": 0.2, "eager": True, **settings},
    )
    path = folder / "job.json"
    path.write_bytes(job.to_json())
    return path


def start(job: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "workflowbench_dagster.external.generate", str(job)]
    log = (job.parent / "log.txt").open("a")
    return subprocess.Popen(command, env=environment(), stdout=log, stderr=log, start_new_session=True)


def answers(job: Path) -> list[dict]:
    path = job.parent / "answers.jsonl"
    return [orjson.loads(line) for line in path.read_bytes().split(b"\n")[:-1]] if path.exists() else []


def texts(job: Path) -> dict[str, str]:
    return {
        row["custom_id"]: row["response"]["body"]["choices"][0]["message"]["content"]
        for row in answers(job)
        if row["error"] is None
    }


@pytest.fixture(scope="module", params=["vllm", "transformers"])
def answered(request, tmp_path_factory, trained):
    """A job that ran to its end."""
    job = write_job(tmp_path_factory.mktemp("answered") / "job", trained, engine=request.param)
    assert start(job).wait(timeout=280) == 0, (job.parent / "log.txt").read_text()[-3000:]
    return job


def test_every_request_has_one_line(answered):
    assert sorted(row["custom_id"] for row in answers(answered)) == sorted(
        ["long", *(f"r{number}" for number in range(N_REQUESTS))]
    )


def test_a_request_that_does_not_fit_costs_its_own_line(answered):
    (failed,) = [row for row in answers(answered) if row["error"]]
    assert (failed["custom_id"], "the window is 512" in failed["error"]["message"]) == ("long", True)


def test_the_trained_model_says_what_it_learnt(answered):
    learnt = {f"r{number}": conversation(number)["messages"][-1]["content"] for number in range(N_REQUESTS)}
    assert sum(text == learnt[name] for name, text in texts(answered).items()) >= 1
    assert all(text.startswith("Thought: 1. ") for text in texts(answered).values())


def test_a_killed_engine_ends_the_program_and_the_next_start_goes_on(tmp_path, trained):
    job = write_job(tmp_path / "job", trained, engine="vllm", in_flight=2)
    process = start(job)
    deadline = time.monotonic() + 280
    while len(answers(job)) < 4:
        assert process.poll() is None, (job.parent / "log.txt").read_text()[-3000:]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    (engine,) = [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if "EngineCor" in child.name() or "EngineCore" in " ".join(child.cmdline())
    ]
    engine.kill()
    assert process.wait(timeout=60) == ENGINE_DIED
    before = answers(job)
    assert 4 <= len(before) < N_REQUESTS + 1
    assert start(job).wait(timeout=280) == 0
    assert answers(job)[: len(texts(job)) - 1][:3] == before[:3]
    assert sorted(texts(job)) == sorted(f"r{number}" for number in range(N_REQUESTS))


def test_a_program_that_is_told_to_stop_keeps_what_is_done(tmp_path, trained):
    job = write_job(tmp_path / "job", trained, n_tokens=300, engine="transformers", in_flight=1)
    process = start(job)
    deadline = time.monotonic() + 200
    while len(answers(job)) < 2:
        assert process.poll() is None, (job.parent / "log.txt").read_text()[-3000:]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(timeout=60) == PREEMPTED
    assert 2 <= len(answers(job)) < N_REQUESTS


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"device": "cuda"}, "there is no GPU here"), ({"model": "x"}, "no model directory")],
)
def test_what_cannot_be_run_is_refused(tmp_path, trained, settings, message):
    job = write_job(tmp_path / "job", Path(settings.pop("model", trained)), **settings)
    process = start(job)
    assert (process.wait(timeout=120), message in (job.parent / "log.txt").read_text()) == (BAD_JOB, True)
