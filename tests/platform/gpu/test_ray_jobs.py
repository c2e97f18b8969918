import inspect

import dagster as dg
import pytest

from workflowbench_dagster.resources.executors.job import GpuJob
from workflowbench_dagster.resources.executors.ray import RayExecutor, RaySettings


def submission(tmp_path, **changes):
    settings = RaySettings(address="http://127.0.0.1:8265", resources={"h200": 1.0}, **changes)
    job = GpuJob(
        "model", lambda python: [python, "-m", "train", "a b.json"], tmp_path, lambda: True, n_gpus=4
    )
    return RayExecutor(settings, {"A": "b"}).submission(job)


def test_a_submission_asks_for_the_gpus_of_the_job(tmp_path):
    given = submission(tmp_path)
    assert given["entrypoint"] == "python -m train 'a b.json'"
    assert (given["entrypoint_num_gpus"], given["entrypoint_resources"]) == (4.0, {"h200": 1.0})
    assert given["runtime_env"]["env_vars"]["A"] == "b"


def test_messages_go_through_a_bucket_if_there_is_one(tmp_path):
    assert "WORKFLOWBENCH_MESSAGES" not in submission(tmp_path)["runtime_env"]["env_vars"]
    sent = submission(tmp_path, messages_bucket="messages")["runtime_env"]["env_vars"]
    assert sent["WORKFLOWBENCH_MESSAGES"] == "s3"


def test_ray_takes_the_submission_as_it_is(tmp_path):
    ray = pytest.importorskip("ray.job_submission", reason="the extra `ray` is not installed")
    signature = inspect.signature(ray.JobSubmissionClient.submit_job)
    signature.bind(None, **submission(tmp_path))


def test_a_missing_address_is_named():
    with pytest.raises(dg.Failure, match="set WORKFLOWBENCH_GPU_RAY"):
        RayExecutor(RaySettings(), {})
