import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import dagster as dg
import psutil
import pytest
from stand_ins import materialize

from workflowbench_dagster.resources.executors.process_tree import ProcessTree, end_tree, marked

SETTINGS = """
telemetry: {enabled: false}
concurrency: {pools: {default_limit: 1, granularity: op}}
"""

TREE = """
import os, signal, subprocess, sys, time
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
depth = int(sys.argv[1])
if depth:
    subprocess.Popen([sys.executable, __file__, str(depth - 1)], start_new_session=True)
time.sleep(600)
"""


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_tree_that_ignores_signals_and_changes_sessions_is_ended(tmp_path):
    program, mark = tmp_path / "tree.py", uuid.uuid4().hex
    program.write_text(TREE)
    tree = ProcessTree([sys.executable, str(program), "3"], {}, mark=mark, log=tmp_path / "log")
    wait_for(lambda: len(list(marked(mark))) == 4)
    started = time.monotonic()
    end_tree(mark, grace_seconds=0.5)
    assert (list(marked(mark)), tree.wait()) == ([], -9)
    assert time.monotonic() - started < 5


def test_what_a_job_leaves_behind_is_ended_with_it(gpu, job, instance):
    body = """
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    (folder / "child").write_text(str(child.pid))
    with reporter() as tell:
        (folder / "whole").touch()
        tell({"event": "done"})
    """
    left = job(body)
    assert materialize(gpu, left, instance).success
    assert not is_running(int((left.folder / "child").read_text()))


def start_run(home, program):
    home.mkdir()
    (home / "dagster.yaml").write_text(SETTINGS)
    command = [sys.executable, str(Path(__file__).parent / "cancelled_run.py"), str(home), str(program)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def tree_of(program):
    lock = program.parent / "lock"
    return list(marked(lock.read_text())) if lock.exists() and lock.read_text() else []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cancelled_run_ends_the_whole_tree_and_frees_the_slot(tmp_path, number):
    program = tmp_path / "tree.py"
    program.write_text(TREE)
    run = start_run(home := tmp_path / "instance", program)
    wait_for(lambda: len(tree_of(program)) == 3)
    started = time.monotonic()
    run.send_signal(number)
    run.wait(timeout=20)
    assert time.monotonic() - started < 20
    assert tree_of(program) == []
    with dg.DagsterInstance.from_config(str(home)) as instance:
        (record,) = instance.get_run_records()
        assert record.dagster_run.status in (dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.FAILURE)
        slots = instance.event_log_storage.get_concurrency_info("gpu")
        assert slots.claimed_slots == []


def test_a_job_that_outlives_its_run_is_waited_for(tmp_path):
    program = tmp_path / "tree.py"
    program.write_text(TREE)
    lost = start_run(tmp_path / "instance", program)
    wait_for(lambda: len(tree_of(program)) == 3)
    mark = (tmp_path / "lock").read_text()
    for process in psutil.Process(lost.pid).children(recursive=True):
        if process not in tree_of(program):
            process.kill()
    lost.kill()
    lost.wait()
    second = start_run(tmp_path / "another", program)
    time.sleep(6)
    assert (second.poll(), len(list(marked(mark)))) == (None, 3)
    second.send_signal(signal.SIGINT)
    second.wait(timeout=20)
    assert list(marked(mark)) == []
