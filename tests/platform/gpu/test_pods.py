import json
import sys
import time
from pathlib import Path

import boto3
import dagster as dg
import kubernetes
import pytest
import yaml
from dagster_k8s.pipes import build_pod_body
from moto.server import ThreadedMotoServer
from pod_server import PodServer
from stand_ins import failure, materialize

from workflowbench_dagster.resources.executors.job import GpuJob
from workflowbench_dagster.resources.executors.kubernetes import KubernetesExecutor, KubernetesSettings
from workflowbench_dagster.resources.gpu import GpuJobs

REPOSITORY = Path(__file__).parents[3]
BUCKET = "messages"


def settings(**changes):
    given = {"image": "gpu:1", "volume_claim": "models", "messages_bucket": BUCKET, "python": sys.executable}
    return KubernetesSettings(**{**given, "poll_seconds": 0.2, **changes})


@pytest.fixture
def specification(tmp_path):
    """The pod of a job on eight GPUs, as the client library reads it."""
    chosen = settings(node_selector={"gpu": "h200"}, service_account="trainer", secrets=["aws"])
    executor = KubernetesExecutor(chosen, "/workspace", {"A": "b"}, 30)
    job = GpuJob("model", lambda python: [python, "-m", "train"], tmp_path, lambda: True, n_gpus=8)
    pod = build_pod_body("pod", None, None, {"DAGSTER_PIPES_CONTEXT": "x"}, None, executor.pod_spec(job))
    return pod.spec


def test_a_pod_has_its_gpus_and_room_for_them(specification):
    (container,) = specification.containers
    assert container.resources.limits == {"nvidia.com/gpu": "8", "cpu": "64", "memory": "768Gi"}
    assert container.command == [sys.executable, "-m", "train"]


def test_a_pod_has_shared_memory_and_the_workspace(specification):
    memory, workspace = specification.volumes
    assert (memory.empty_dir.medium, memory.empty_dir.size_limit) == ("Memory", "16Gi")
    assert workspace.persistent_volume_claim.claim_name == "models"
    mounts = [(mount.name, mount.mount_path) for mount in specification.containers[0].volume_mounts]
    assert mounts == [("shared-memory", "/dev/shm"), ("workspace", "/workspace")]


def test_a_pod_goes_to_gpu_nodes_and_is_not_restarted(specification):
    assert specification.node_selector == {"gpu": "h200"}
    assert [taint.key for taint in specification.tolerations] == ["nvidia.com/gpu"]
    assert (specification.restart_policy, specification.termination_grace_period_seconds) == ("Never", 30)
    assert specification.service_account_name == "trainer"


@pytest.mark.parametrize("name", ["image", "volume_claim", "messages_bucket"])
def test_a_missing_setting_is_named(name):
    with pytest.raises(dg.Failure, match=f"needs {name}: set WORKFLOWBENCH_GPU_KUBERNETES"):
        KubernetesExecutor(settings(**{name: ""}), "/workspace", {}, 30)


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """A Kubernetes API and a bucket on loopback."""
    bucket = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    bucket.start()
    host, port = bucket.get_host_and_port()
    access = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in {**access, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    monkeypatch.setattr("dagster._core.pipes.utils.WAIT_FOR_LOGS_AFTER_EXECUTION_INTERVAL", 0)
    config = tmp_path / "kubeconfig"
    monkeypatch.setattr(kubernetes.config.kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(config))
    with PodServer() as server:
        server.write_config(config)
        yield server
    bucket.stop()


@pytest.fixture
def pods(tmp_path, cluster):
    return GpuJobs(
        executor="kubernetes",
        workspace=str(tmp_path),
        kubernetes=settings(),
        report_seconds=0,
        grace_seconds=1,
    )


def test_a_pod_reports_through_the_bucket_and_is_deleted(pods, cluster, job, instance):
    body = """
    with reporter() as tell:
        tell({"event": "step", "loss": 2.5})
        (folder / "whole").touch()
        tell({"event": "done", "loss": 0.5})
    """
    result = materialize(pods, job(body), instance)
    assert result.success
    assert result.asset_materializations_for_node("model")[0].metadata["loss"].value == 0.5
    assert (len(cluster.pods), len(cluster.deleted)) == (0, 1)
    observed = instance.fetch_observations(dg.AssetKey("model"), limit=9).records
    assert len(observed) == 2


def test_a_pod_that_fails_is_kept_and_its_log_is_shown(pods, cluster, job, instance):
    result = materialize(pods, job("print('oh dear')\nsys.exit(70)"), instance)
    assert "Exit status 70" in failure(result)
    assert "oh dear" in failure(result)
    assert (len(cluster.pods), len(cluster.deleted)) == (1, 0)


def test_a_refusal_in_a_pod_is_not_tried_again(pods, cluster, job, instance):
    result = materialize(pods, job("sys.exit(64)"), instance, max_retries=2)
    assert not result.success
    assert len(cluster.processes) == 1


def test_a_cancelled_run_deletes_its_pod(pods, cluster, job, monkeypatch, instance):
    from dagster_k8s.client import DagsterKubernetesClient

    def interrupted(self, *_, **__):
        time.sleep(0.5)
        raise dg.DagsterExecutionInterruptedError

    monkeypatch.setattr(DagsterKubernetesClient, "wait_for_pod", interrupted)
    assert not materialize(pods, job("time.sleep(600)"), instance).success
    (process,) = cluster.processes.values()
    assert (process.wait(timeout=10), len(cluster.pods)) == (-15, 0)


def test_the_shipped_values_configure_the_executor():
    values = yaml.safe_load((REPOSITORY / "infra" / "kubernetes" / "values.yaml").read_text())
    (code,) = values["dagster-user-deployments"]["deployments"]
    environment = {each["name"]: each["value"] for each in code["env"]}
    given = KubernetesSettings(**json.loads(environment["WORKFLOWBENCH_GPU_KUBERNETES"]))
    executor = KubernetesExecutor(given, environment["WORKFLOWBENCH_GPU_WORKSPACE"], {}, 12)
    job = GpuJob("model", lambda python: [python], REPOSITORY, lambda: True)
    pod = build_pod_body("pod", None, None, {}, None, executor.pod_spec(job))
    assert pod.spec.node_selector == {"nvidia.com/gpu.present": "true"}
    assert code["volumeMounts"][0]["mountPath"] == pod.spec.containers[0].volume_mounts[1].mount_path
