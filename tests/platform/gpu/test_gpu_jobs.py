import dagster as dg
import pytest
from stand_ins import failure, materialize, stand_in_resource

from workflowbench_dagster.resources.gpu import GpuJobs


def n_starts(result: dg.ExecuteInProcessResult) -> int:
    return sum(event.event_type_value in ("STEP_START", "STEP_RESTARTED") for event in result.all_events)


def test_a_job_that_reports_and_ends_gives_its_last_figures(gpu, job, instance):
    body = """
    with reporter() as tell:
        tell({"event": "step", "loss": 2.5})
        (folder / "whole").touch()
        tell({"event": "done", "loss": 0.5})
    """
    result = materialize(gpu, job(body), instance)
    assert result.success
    (event,) = result.asset_materializations_for_node("model")
    assert event.metadata["loss"].value == 0.5


def test_progress_is_observed_while_the_job_runs(gpu, job, instance):
    body = """
    with reporter() as tell:
        for step in range(3):
            tell({"event": "step", "step": step})
            time.sleep(0.7)
        (folder / "whole").touch()
        tell({"event": "done"})
    """
    assert materialize(gpu, job(body), instance).success
    observed = instance.fetch_observations(dg.AssetKey("model"), limit=10).records
    steps = {
        int(record.asset_observation.metadata["step"].value): record.timestamp
        for record in observed
        if "step" in record.asset_observation.metadata
    }
    (made,) = instance.fetch_materializations(dg.AssetKey("model"), limit=1).records
    assert sorted(steps) == [0, 1, 2]
    assert made.timestamp - steps[0] > 1


def test_frequent_progress_is_thinned_out(tmp_path, job, instance):
    body = """
    with reporter() as tell:
        for step in range(50):
            tell({"event": "step", "step": step})
        (folder / "whole").touch()
        tell({"event": "done", "step": 49})
    """
    slow = stand_in_resource(tmp_path, report_seconds=60)
    assert materialize(slow, job(body), instance).success
    assert len(instance.fetch_observations(dg.AssetKey("model"), limit=100).records) == 2


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("print('oh dear'); sys.exit(3)", "Exit status 3."),
        ("os.kill(os.getpid(), signal.SIGKILL)", "killed (SIGKILL)"),
        ("(folder / 'whole').touch(); print('oh dear')", "without ever reporting"),
        ("with reporter() as tell: tell({'event': 'done'})", "is not whole"),
        (
            "with reporter() as tell: tell({'event': 'done'})\n(folder / 'whole').touch(); sys.exit(1)",
            "Exit status 1. It last reported: done.",
        ),
        (
            "with reporter() as tell: tell({'event': 'engine died', 'detail': 'no token'})\nsys.exit(70)",
            "Exit status 70. It last reported: engine died. no token",
        ),
    ],
    ids=["dies", "is killed", "never reports", "output lacks", "reports then fails", "engine dies"],
)
def test_every_bad_end_is_a_failed_step_that_can_be_tried_again(gpu, job, instance, body, cause):
    result = materialize(gpu, job(body), instance, max_retries=1)
    assert not result.success
    assert cause in failure(result)
    assert n_starts(result) == 2
    assert not instance.fetch_materializations(dg.AssetKey("model"), limit=1).records


def test_a_failure_shows_the_last_lines_of_the_log(gpu, job, instance):
    result = materialize(gpu, job("for n in range(99): print('line', n)\nsys.exit(1)"), instance)
    assert "line 98" in failure(result)
    assert "line 10\n" not in failure(result)


def test_a_refused_job_is_not_tried_again(gpu, job, instance):
    body = """
    from workflowbench_dagster.external.reporting import refuse
    with reporter() as tell:
        status = refuse(ValueError("no such model"), tell)
    sys.exit(status)
    """
    result = materialize(gpu, job(body), instance, max_retries=2)
    assert ("no such model" in failure(result), n_starts(result)) == (True, 1)


def test_a_launcher_that_hides_the_exit_status_does_not_hide_a_refusal(gpu, job, instance):
    body = """
    with reporter() as tell:
        tell({"event": "refused", "detail": "no such model"})
    sys.exit(1)
    """
    result = materialize(gpu, job(body), instance, max_retries=2)
    assert ("no such model" in failure(result), n_starts(result)) == (True, 1)


def test_a_second_try_goes_on_where_the_first_one_was(gpu, job, instance):
    body = """
    tries = folder / "tries"
    tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
    if tries.read_text() == "x":
        sys.exit(75)
    with reporter() as tell:
        (folder / "whole").touch()
        tell({"event": "done", "tries": len(tries.read_text())})
    """
    result = materialize(gpu, job(body), instance, max_retries=1)
    assert result.success
    assert result.asset_materializations_for_node("model")[0].metadata["tries"].value == 2


@pytest.mark.parametrize("python", ["", "/nowhere/python"])
def test_a_missing_interpreter_is_named_with_its_remedy(job, instance, tmp_path, python):
    result = materialize(GpuJobs(workspace=str(tmp_path), python=python), job(""), instance, max_retries=2)
    assert "make gpu-environment" in failure(result)
    assert n_starts(result) == 1
