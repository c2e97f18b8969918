import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from workflowbench_dagster.homes import home_for


def start(shortcuts, home):
    command = [sys.executable, "-m", "workflowbench_dagster.demo"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WORKFLOWBENCH_")}
    return subprocess.Popen(
        [*command, "--shortcuts", str(shortcuts), "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )


def finish(process):
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


def kill_once_there_is(process, path):
    deadline = time.monotonic() + 60
    while not path.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.poll() is None, process.communicate()[0]
    process.send_signal(signal.SIGKILL)
    process.wait()


def digests(tables):
    return {
        path.relative_to(tables).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in tables.rglob("*")
        if path.is_file() and "data_docs" not in path.parts and not path.name.startswith(".")
    }


def test_a_rebuild_that_is_killed_ends_with_the_same_bytes_when_it_is_run_again(built_once, tmp_path):
    folder = shutil.copytree(built_once / "shortcuts", tmp_path / "shortcuts")
    tables = home_for(tmp_path / "homes", folder).path / "tables"
    for key in ("raw_shortcuts_dropped", "data_docs/transcribed_workflows"):
        kill_once_there_is(start(folder, tmp_path / "homes"), tables / key)
    code, output = finish(start(folder, tmp_path / "homes"))
    assert code == 0, output
    assert digests(tables) == digests(built_once / "tables")
    assert "3 of 3 programs compile back to the same shortcut." in output
    assert "not_a_shortcut 1" in output
    for line in (f"tables:    {tables}", f"release:   {tables / 'release'}", "`make ui`"):
        assert line in output


def test_a_stage_that_fails_is_named_with_its_cause(folder, tmp_path):
    tables = home_for(tmp_path / "homes", folder).path / "tables"
    tables.mkdir(parents=True)
    (tables / "transcribed_workflows").touch()
    code, output = finish(start(folder, tmp_path / "homes"))
    assert code == 1
    assert "transcribed_workflows failed: " in output
    assert "cannot be written" in output
    assert "run it again once that is mended" in output


@pytest.mark.parametrize("name", ["[/b]", "latin\udce9"])
def test_the_name_of_a_folder_may_be_anything(folder, tmp_path, name):
    named = shutil.copytree(folder, tmp_path / name)
    code, output = finish(start(named, tmp_path / "homes"))
    assert code == 0, output


@pytest.mark.parametrize("make", [True, False])
def test_a_folder_without_shortcuts_ends_with_a_remedy(tmp_path, make):
    empty = tmp_path / "empty"
    if make:
        empty.mkdir()
    code, output = finish(start(empty, tmp_path / "homes"))
    assert code == 1
    assert output.startswith("error: ")
    assert "Give" in output or "give" in output
