"""Jobs as pods of a Kubernetes cluster: one pod, one node, as many GPUs as the job needs.

Needs the extra `k8s`. Messages travel through a bucket, so that a lost log stream loses none.
"""

import uuid
from collections.abc import Mapping
from typing import Any

import dagster as dg
from pydantic import Field

from workflowbench_dagster.external.reporting import MESSAGES
from workflowbench_dagster.resources.executors.job import LOG_LINES, GpuJob, JobFailedError, MessageWrapper
from workflowbench_dagster.resources.executors.messages import s3_reader

LABEL = "workflowbench/job"
"""Label of a job's pod: a name that no other run of the job has."""

_GPU_TAINT = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
_CONTAINER = "job"


class KubernetesSettings(dg.Config):
    """The pods that jobs run in."""

    image: str = Field(default="", description="Image with the GPU environment: infra/gpu/Dockerfile.")
    namespace: str = Field(default="default", description="Namespace of the pods.")
    volume_claim: str = Field(default="", description="Claim of the volume that holds the workspace.")
    messages_bucket: str = Field(default="", description="Bucket that messages travel through.")
    gpu_resource: str = Field(default="nvidia.com/gpu", description="Name of the GPU in resource limits.")
    cpu_per_gpu: int = Field(default=8, ge=1, description="Processor cores for each GPU.")
    memory_per_gpu: str = Field(default="96Gi", description="Memory for each GPU, e.g. `96Gi`.")
    shared_memory: str = Field(default="16Gi", description="Size of /dev/shm, through which ranks speak.")
    node_selector: dict[str, str] = Field(default={}, description="Labels of the nodes to run on.")
    tolerations: list[dict[str, str]] = Field(default=[_GPU_TAINT], description="Taints that pods bear.")
    service_account: str = Field(default="", description="Service account of the pods; may be empty.")
    secrets: list[str] = Field(default=[], description="Secrets whose keys become environment variables.")
    python: str = Field(default="python", description="Interpreter in the image.")
    poll_seconds: float = Field(default=5, gt=0, description="Time between two looks at a pod.")


class KubernetesExecutor:
    """Runs each job in a pod.

    A pod is deleted when its job did well or was cancelled; one that failed stays, with its log and status.

    Args:
        settings: The pods.
        workspace: Where the volume is mounted: the same path as on this machine.
        environment: Variables of every job.
        grace_seconds: Time between the request to end and the kill.

    """

    def __init__(
        self,
        settings: KubernetesSettings,
        workspace: str,
        environment: Mapping[str, str],
        grace_seconds: float,
    ) -> None:
        missing = [
            name for name in ("image", "volume_claim", "messages_bucket") if not getattr(settings, name)
        ]
        if missing:
            raise dg.Failure(
                f"The kubernetes executor needs {', '.join(missing)}: set WORKFLOWBENCH_GPU_KUBERNETES.",
                allow_retries=False,
            )
        self._settings = settings
        self._workspace = workspace
        self._environment = {**environment, MESSAGES: "s3", "HF_HUB_OFFLINE": "1"}
        self._grace = grace_seconds

    def run(
        self, context: dg.AssetExecutionContext, job: GpuJob, wrap: MessageWrapper
    ) -> dg.PipesClientCompletedInvocation:
        """Run a job; see `Executor.run`."""
        from dagster_k8s import PipesK8sClient
        from dagster_k8s.client import DagsterK8sError

        token = uuid.uuid4().hex
        reader = s3_reader(self._settings.messages_bucket, self._settings.poll_seconds)
        client = PipesK8sClient(message_reader=wrap(reader), poll_interval=self._settings.poll_seconds)
        try:
            invocation = client.run(
                context=context,
                namespace=self._settings.namespace,
                env=self._environment,
                base_pod_meta={"labels": {LABEL: token}, "annotations": {"workflowbench/name": job.name}},
                base_pod_spec=self.pod_spec(job),
                pod_wait_timeout=0,
                delete_pod_on_completion=False,
            )
        except dg.DagsterExecutionInterruptedError:
            self._delete(token)
            raise
        except DagsterK8sError as error:
            raise self._failed(token, error) from error
        self._delete(token)
        return invocation

    def log_tail(self, job: GpuJob) -> str:
        """Say where the log is: the pod that failed carries it."""
        return f"kubectl logs --namespace {self._settings.namespace} of the pod of {job.name}"

    def pod_spec(self, job: GpuJob) -> dict[str, Any]:
        """Return the pod's specification, as the Kubernetes API takes it."""
        from kubernetes import client  # type: ignore[import-untyped]

        limits = self._limits(job.n_gpus)
        container = client.V1Container(
            name=_CONTAINER,
            image=self._settings.image,
            command=job.command(self._settings.python),
            resources=client.V1ResourceRequirements(limits=limits, requests=limits),
            volume_mounts=[
                client.V1VolumeMount(name="shared-memory", mount_path="/dev/shm"),  # noqa: S108 - the pod's own
                client.V1VolumeMount(name="workspace", mount_path=self._workspace),
            ],
            env_from=[
                client.V1EnvFromSource(secret_ref=client.V1SecretEnvSource(name=name))
                for name in self._settings.secrets
            ],
        )
        spec = client.V1PodSpec(
            containers=[container],
            restart_policy="Never",
            termination_grace_period_seconds=int(self._grace),
            service_account_name=self._settings.service_account or None,
            node_selector=self._settings.node_selector or None,
            tolerations=[client.V1Toleration(**taint) for taint in self._settings.tolerations],
            volumes=[
                client.V1Volume(
                    name="shared-memory",
                    empty_dir=client.V1EmptyDirVolumeSource(
                        medium="Memory", size_limit=self._settings.shared_memory
                    ),
                ),
                client.V1Volume(
                    name="workspace",
                    persistent_volume_claim=client.V1PersistentVolumeClaimVolumeSource(
                        claim_name=self._settings.volume_claim
                    ),
                ),
            ],
        )
        document: dict[str, Any] = client.ApiClient().sanitize_for_serialization(spec)
        return document

    def _limits(self, n_gpus: int) -> dict[str, str]:
        amount, unit = _split(self._settings.memory_per_gpu)
        return {
            self._settings.gpu_resource: str(n_gpus),
            "cpu": str(n_gpus * self._settings.cpu_per_gpu),
            "memory": f"{n_gpus * amount}{unit}",
        }

    def _failed(self, token: str, error: Exception) -> JobFailedError:
        """Describe the failure by the pod's own status and log."""
        from kubernetes import client

        core = client.CoreV1Api()
        pods = core.list_namespaced_pod(self._settings.namespace, label_selector=f"{LABEL}={token}").items
        ended = _termination(pods[0]) if pods else None
        if ended is None:
            return JobFailedError(f"The pod did not run: {error}", "")
        name = pods[0].metadata.name
        log = core.read_namespaced_pod_log(name, self._settings.namespace, tail_lines=LOG_LINES)
        reason = f" ({ended.reason})" if ended.reason else ""
        cause = f"Exit status {ended.exit_code}{reason}; pod {name} is kept."
        return JobFailedError(cause, log, ended.exit_code)

    def _delete(self, token: str) -> None:
        from kubernetes import client

        client.CoreV1Api().delete_collection_namespaced_pod(
            self._settings.namespace,
            label_selector=f"{LABEL}={token}",
            grace_period_seconds=int(self._grace),
        )


def _split(quantity: str) -> tuple[int, str]:
    digits = quantity.rstrip("KMGTPEimk")
    return int(digits), quantity[len(digits) :]


def _termination(pod: Any) -> Any:
    statuses = pod.status.container_statuses or []
    return statuses[0].state.terminated if statuses else None
