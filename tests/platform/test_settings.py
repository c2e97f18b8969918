from pathlib import Path

import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(params=[".", "infra"], ids=["development", "production"])
def settings(request):
    config, _ = dagster_instance_config(str(REPOSITORY / request.param))
    return config


def test_dagster_accepts_the_settings_and_nothing_is_reported_to_others(settings):
    assert settings["telemetry"] == {"enabled": False}
    assert settings["nux"] == {"enabled": False}


def test_a_cancelled_run_gives_its_pool_slots_back(settings):
    assert settings["run_monitoring"]["free_slots_after_run_end_seconds"] == 300


def test_only_crashed_runs_are_started_again(settings):
    assert settings["run_retries"] == {
        "enabled": True,
        "max_retries": 2,
        "retry_on_asset_or_op_failure": False,
    }


def test_one_run_writes_the_tables_at_a_time(settings):
    assert settings["concurrency"]["runs"]["max_concurrent_runs"] == 1


def test_every_service_of_the_composition_runs_the_one_image_beside_its_database():
    services = yaml.safe_load((REPOSITORY / "infra" / "compose.yaml").read_text())["services"]
    images = {name: service["image"] for name, service in services.items()}
    assert images.pop("postgres").startswith("postgres:")
    assert set(images.values()) == {"workflowbench-dagster"}


def test_the_workspace_points_at_the_service_of_the_code():
    workspace = yaml.safe_load((REPOSITORY / "infra" / "workspace.yaml").read_text())
    services = yaml.safe_load((REPOSITORY / "infra" / "compose.yaml").read_text())["services"]
    (server,) = (entry["grpc_server"] for entry in workspace["load_from"])
    assert server["host"] in services
    assert f'"--port", "{server["port"]}"' in (REPOSITORY / "infra" / "Dockerfile").read_text()
