import dagster as dg
import pytest

from workflowbench.tables import TABLES
from workflowbench_dagster.costs import is_costly
from workflowbench_dagster.definitions import defs
from workflowbench_dagster.partitions import SCRAPES, is_scraped
from workflowbench_dagster.provenance import code_version

SPECS = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


def test_the_definitions_load():
    dg.Definitions.validate_loadable(defs)


def test_every_table_the_release_and_the_models_are_assets():
    assert set(SPECS) == {*TABLES, "release", "annotator", "workflowllama"}


@pytest.mark.parametrize("name", sorted(SPECS))
def test_an_asset_says_what_it_is_whose_and_of_which_code(name):
    spec = SPECS[name]
    assert spec.description
    assert list(spec.owners) == ["team:workflowbench"]
    assert spec.group_name in {"collection", "thoughts", "expansion", "generation", "bench", "training"}
    assert spec.kinds
    assert spec.code_version


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_columns_of_an_asset_are_those_of_its_table(name):
    columns = SPECS[name].metadata["dagster/column_schema"].columns
    assert [(column.name, column.description) for column in columns] == [
        (column.name, column.description) for column in TABLES[name].columns
    ]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_has_a_blocking_schema_check(name):
    check = dg.AssetCheckKey(dg.AssetKey(name), "schema")
    assert defs.resolve_asset_graph().get(check).blocking


def test_a_check_looks_at_a_scrape_alone_and_at_all_categories_together():
    graph = defs.resolve_asset_graph()
    for key in graph.asset_check_keys:
        expected = SCRAPES if is_scraped(key.asset_key.to_user_string()) else None
        assert graph.get(key).partitions_def == expected, key


def test_sensor_and_schedule_are_stopped_until_a_person_starts_them():
    assert {s.default_status for s in defs.sensors} == {dg.DefaultSensorStatus.STOPPED}
    assert {s.default_status for s in defs.schedules} == {dg.DefaultScheduleStatus.STOPPED}


def test_stages_have_code_versions_of_their_own():
    versions = {
        code_version(f"workflowbench_dagster.assets.{name}") for name in ("splits", "lineage", "statistics")
    }
    assert len(versions) == 3


def test_what_costs_gpu_time_is_started_by_people_only():
    graph, costly = defs.resolve_asset_graph(), {"annotator", "workflowllama"}
    tagged = {key.to_user_string() for key in graph.materializable_asset_keys if is_costly(graph.get(key))}
    automatic = {spec.key.to_user_string() for spec in SPECS.values() if spec.automation_condition}
    rebuilt = defs.resolve_job_def("rebuild").asset_layer.executable_asset_keys
    assert tagged == costly
    assert not costly & (automatic | {key.to_user_string() for key in rebuilt})


def test_the_job_train_trains_both_models_for_a_setting():
    job = defs.resolve_job_def("train")
    names = {key.to_user_string() for key in job.asset_layer.executable_asset_keys}
    assert (names, job.partitions_def.get_partition_keys()) == ({"annotator", "workflowllama"}, ["id", "ood"])


@pytest.mark.parametrize("name", ["annotator", "workflowllama"])
def test_what_needs_a_gpu_waits_for_its_pool_and_is_tried_again(name):
    node = defs.resolve_asset_graph().get(dg.AssetKey(name))
    op = defs.resolve_job_def("train").get_node_named(name).definition
    assert (node.pools, op.retry_policy.max_retries) == ({"gpu"}, 2)
