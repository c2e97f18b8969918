import plistlib
import shutil

import dagster as dg
import polars as pl
import pytest

from workflowbench.tables import (
    API_CATALOGUE,
    RAW_SHORTCUTS,
    SEED_WORKFLOWS,
    SEED_WORKFLOWS_DROPPED,
    SPLITS,
    TRANSCRIBED_WORKFLOWS,
    TRANSCRIBED_WORKFLOWS_DROPPED,
)
from workflowbench_dagster.assets import transcribed_workflows
from workflowbench_dagster.jobs.rebuild import REBUILD_TAG, abandon_killed_runs, plan_rebuild, run_rebuild
from workflowbench_dagster.jobs.scrapes import start_scrape
from workflowbench_dagster.resources.sources import ShortcutFolder
from workflowbench_dagster.resources.tables import ParquetTables

pytestmark = pytest.mark.filterwarnings("ignore:Function `Definitions.map_resolved_asset_specs`")

FIRST, SECOND = "folder-shortcuts-0001", "folder-shortcuts-0002"


class Bench:
    """A folder of shortcuts with its tables and its instance."""

    def __init__(self, place, instance, definitions_on):
        self.place, self.instance = place, instance
        self.folder, self.tables = place / "shortcuts", ParquetTables(root=str(place / "tables"))
        self.defs = definitions_on(self.folder, self.tables)

    def rebuild(self, defs=None):
        start_scrape(self.instance, self.tables, ShortcutFolder(path=str(self.folder)))
        return run_rebuild(self.instance, defs or self.defs, self.tables)


@pytest.fixture
def fresh(tmp_path, folder, instance, definitions_on):
    return Bench(tmp_path, instance, definitions_on)


@pytest.fixture
def built(built_once, tmp_path, definitions_on):
    place = tmp_path / "built"
    shutil.copytree(built_once, place)
    with dg.DagsterInstance.from_config(str(place / "instance")) as instance:
        yield Bench(place, instance, definitions_on)


def made(result):
    return [
        {(node.key.to_user_string(), node.partition): why for node, why in batch.reasons.items()}
        for batch in result.batches
    ]


def with_code_version(defs, name, version):
    def changed(spec):
        return spec.replace_attributes(code_version=version) if spec.key.to_user_string() == name else spec

    return defs.map_resolved_asset_specs(func=changed)


def test_a_first_rebuild_makes_a_scrape_in_one_run_and_all_categories_in_another(fresh):
    result = fresh.rebuild()
    assert result.success
    collected, synthetic = made(result)
    assert set(collected.values()) == set(synthetic.values()) == {"missing"}
    assert ("seed_workflows", None) in collected
    assert {("expanded_queries", None), ("release", None)} <= synthetic.keys()
    assert fresh.tables.read(SPLITS).height == 6
    assert fresh.tables.read(TRANSCRIBED_WORKFLOWS_DROPPED, FIRST)["title"].to_list() == ["notes"]


def test_an_unchanged_rebuild_runs_nothing(built):
    result = built.rebuild()
    assert (result.success, result.batches) == (True, ())


def test_a_changed_file_is_rebuilt_alone_and_supersedes_its_former_version(built, add_shortcut):
    add_shortcut(built.folder / "Tea.shortcut", "Boil", "Steep")
    result = built.rebuild()
    assert result.success
    assert built.tables.read(TRANSCRIBED_WORKFLOWS, SECOND).height == 1
    assert {partition for batch in made(result) for _, partition in batch} == {SECOND, None}
    assert built.tables.read(SEED_WORKFLOWS).filter(title="Tea")["n_actions"].to_list() == [2]
    assert built.tables.read(SEED_WORKFLOWS_DROPPED)["rule"].to_list() == ["superseded"]


def test_an_action_that_no_documentation_names_is_observed_and_passes_the_checks(built):
    action = {"WFWorkflowActionIdentifier": "com.example.unknown.Do", "WFWorkflowActionParameters": {"x": 1}}
    (built.folder / "New.shortcut").write_bytes(plistlib.dumps({"WFWorkflowActions": [action]}))
    assert built.rebuild().success
    observed = built.tables.read(API_CATALOGUE).filter(origin="observed")
    assert observed["identifier"].to_list() == ["com.example.unknown.Do"]


def test_a_withdrawn_file_leaves_the_dataset(built):
    (built.folder / "Tea.shortcut").unlink()
    assert built.rebuild().success
    assert "Tea" not in built.tables.read(SEED_WORKFLOWS)["title"].to_list()


def test_changed_code_with_the_same_outcome_stops_at_its_own_stage(built):
    result = built.rebuild(with_code_version(built.defs, "transcribed_workflows", "new"))
    assert made(result) == [{("transcribed_workflows", FIRST): "code changed"}]


def test_a_changed_source_makes_its_asset_stale(built):
    batches = plan_rebuild(built.instance, built.defs, built.tables, {"api_catalogue": "new"})
    assert [set(batch.reasons.values()) for batch in batches] == [{"inputs changed"}]


def test_a_stored_scrape_is_a_record_of_the_past_whatever_the_code(built):
    changed = with_code_version(built.defs, "raw_shortcuts", "new")
    assert plan_rebuild(built.instance, changed, built.tables) == []


def test_a_stored_scrape_is_kept_when_it_is_materialized_again(built):
    before = built.tables.read(RAW_SHORTCUTS, FIRST)
    (built.folder / "Tea.shortcut").unlink()
    job = built.defs.resolve_implicit_global_asset_job_def()
    keys = [dg.AssetKey("raw_shortcuts"), dg.AssetKey("raw_shortcuts_dropped")]
    assert job.execute_in_process(instance=built.instance, partition_key=FIRST, asset_selection=keys).success
    assert built.tables.read(RAW_SHORTCUTS, FIRST).equals(before)


def test_a_table_that_was_deleted_is_made_again(built):
    (built.place / "tables" / "splits.parquet").unlink()
    assert made(built.rebuild()) == [{("splits", None): "missing"}]
    assert built.tables.read(SPLITS).height == 6


def test_a_failing_blocking_check_stops_what_depends_on_it_and_is_tried_again(fresh, monkeypatch):
    honest = transcribed_workflows.transcribe_rows

    def without_proof(*inputs):
        kept, dropped = honest(*inputs)
        return kept.with_columns(round_trip=pl.lit(value=False)), dropped

    monkeypatch.setattr(transcribed_workflows, "transcribe_rows", without_proof)
    assert not fresh.rebuild().success
    assert fresh.tables.exists(TRANSCRIBED_WORKFLOWS, FIRST)
    assert not fresh.tables.exists(SEED_WORKFLOWS)
    monkeypatch.setattr(transcribed_workflows, "transcribe_rows", honest)
    again = fresh.rebuild()
    assert again.success
    assert made(again)[0]["transcribed_workflows", FIRST] == "check failed"
    assert ("raw_shortcuts", FIRST) not in made(again)[0]


def test_a_stage_that_fails_is_reported_and_resumed(fresh, monkeypatch):
    def broken(*inputs):
        raise RuntimeError("the disk is on fire")

    with monkeypatch.context() as patch:
        patch.setattr(transcribed_workflows, "transcribe_rows", broken)
        assert not fresh.rebuild().success
    assert fresh.tables.exists(RAW_SHORTCUTS, FIRST)
    assert fresh.rebuild().success


def test_runs_of_a_killed_process_are_marked_as_failed(instance, defs):
    job = defs.resolve_job_def("rebuild")
    run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, tags={REBUILD_TAG: "true"})
    assert abandon_killed_runs(instance) == 1
    assert instance.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.FAILURE


def test_stale_scrapes_are_all_made_before_what_is_made_of_them(built, add_shortcut):
    add_shortcut(built.folder / "New.shortcut", "new")
    assert built.rebuild().success
    changed = with_code_version(built.defs, "annotated_workflows", "new")
    batches = [list(batch.reasons) for batch in plan_rebuild(built.instance, changed, built.tables)]
    assert batches == [[(dg.AssetKey("annotated_workflows"), scrape)] for scrape in (FIRST, SECOND)]
