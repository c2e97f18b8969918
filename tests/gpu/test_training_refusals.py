import json
import os
import subprocess
import sys

import pytest
from conftest import conversation, environment, write_lines

from workflowbench_dagster.external.reporting import BAD_JOB


def refusal(recipe):
    """Run a recipe that cannot be run, in this process's environment; returns exit status and message."""
    command = [sys.executable, "-m", "workflowbench_dagster.external.train", str(recipe)]
    ended = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=120, check=False
    )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"base_model": "nowhere"}, "nowhere is no model directory"),
        ({"train": "nowhere.jsonl"}, "nowhere.jsonl cannot be read"),
        ({"device": "cuda"}, "there is no GPU here"),
        ({"processes": 2}, "asks for 2 processes, and 1 were started"),
        ({"window": 4096}, "the model reads at most 1024 tokens"),
        ({"window": 16}, "No sample fits the window of 16 tokens"),
        ({"over_long": "refuse", "window": 64}, "longer than the window of 64 tokens"),
    ],
)
def test_what_cannot_be_run_is_refused_with_its_reason(tmp_path, make_recipe, changes, message):
    status, error = refusal(make_recipe(tmp_path / "run", **{"processes": 1, **changes}))
    assert (status, message in error) == (BAD_JOB, True), error


def test_a_test_row_never_reaches_a_run(tmp_path, make_recipe):
    rows = write_lines(tmp_path / "rows.jsonl", [conversation(1), conversation(2, "test")])
    status, error = refusal(make_recipe(tmp_path / "run", processes=1, train=str(rows)))
    assert (status, "only 'train' rows" in error) == (BAD_JOB, True), error


def test_a_directory_without_weights_is_refused(tmp_path, make_recipe, tiny_model):
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "config.json").write_text((tiny_model / "config.json").read_text())
    status, error = refusal(make_recipe(tmp_path / "run", processes=1, base_model=str(tmp_path / "base")))
    assert (status, "holds no weights" in error) == (BAD_JOB, True), error


def test_a_model_that_is_no_language_model_is_refused(tmp_path, make_recipe, tiny_model):
    base = tmp_path / "base"
    base.mkdir()
    config = json.loads((tiny_model / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "architectures": ["LlamaModel"]}))
    os.link(tiny_model / "model.safetensors", base / "model.safetensors")
    status, error = refusal(make_recipe(tmp_path / "run", processes=1, base_model=str(base)))
    assert (status, "no causal language model" in error) == (BAD_JOB, True), error
