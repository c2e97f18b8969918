from contextvars import copy_context

import dagster as dg
import pytest

from workflowbench_dagster.jobs.automation import daily_rebuild, folder_changes
from workflowbench_dagster.jobs.scrapes import due_scrape
from workflowbench_dagster.partitions import SCRAPE
from workflowbench_dagster.resources.sources import ShortcutFolder

FIRST = "folder-shortcuts-0001"


@pytest.fixture
def source(folder):
    return ShortcutFolder(path=str(folder))


def tick(instance, tables, source):
    with dg.build_sensor_context(instance=instance) as context:
        return folder_changes(context, tables=tables, folder=source)


def scrape(instance, tables, source, defs):
    keys = [dg.AssetKey("raw_shortcuts"), dg.AssetKey("raw_shortcuts_dropped")]
    instance.add_dynamic_partitions(SCRAPE, [FIRST])
    job = defs.resolve_implicit_global_asset_job_def()
    assert job.execute_in_process(instance=instance, partition_key=FIRST, asset_selection=keys).success


def test_a_new_folder_is_registered_and_launched_in_one_tick(instance, tables, source):
    result = tick(instance, tables, source)
    assert [(request.run_key, request.partition_key) for request in result.run_requests] == [(FIRST, FIRST)]
    assert [list(request.partition_keys) for request in result.dynamic_partitions_requests] == [[FIRST]]


def test_an_unchanged_folder_is_skipped_with_a_reason(instance, tables, source, defs):
    scrape(instance, tables, source, defs)
    assert "as the last scrape left it" in tick(instance, tables, source).skip_message


def test_a_scrape_that_never_ended_is_taken_up_again(instance, tables, source):
    instance.add_dynamic_partitions(SCRAPE, [FIRST])
    assert due_scrape(instance, tables, source) == FIRST


def test_a_changed_folder_gets_the_next_scrape(instance, tables, source, defs, folder, add_shortcut):
    scrape(instance, tables, source, defs)
    add_shortcut(folder / "New.shortcut", "new")
    assert due_scrape(instance, tables, source) == "folder-shortcuts-0002"


def test_a_missing_folder_is_a_reason_and_no_partition(instance, tables, tmp_path):
    result = tick(instance, tables, ShortcutFolder(path=str(tmp_path / "nowhere")))
    assert "There is no folder" in result.skip_message
    assert instance.get_dynamic_partitions(SCRAPE) == []


def test_the_schedule_registers_its_scrape(tables, source, tmp_path):
    # A schedule context opens a second instance and never closes it: in a context of its own, it stays there.
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        context = dg.build_schedule_context(instance=instance)
        request = copy_context().run(daily_rebuild, context, tables=tables, folder=source)
        assert request.partition_key == FIRST
        assert instance.get_dynamic_partitions(SCRAPE) == [FIRST]
