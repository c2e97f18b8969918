"""Opting out: what is listed disappears at the next rebuild."""

import dagster as dg
import pytest

from workflowbench.tables import (
    ANNOTATED_WORKFLOWS,
    SEED_WORKFLOWS,
    TRANSCRIBED_WORKFLOWS,
    TRANSCRIBED_WORKFLOWS_DROPPED,
    WORKFLOWBENCH,
)
from workflowbench_dagster.jobs.rebuild import plan_rebuild, run_rebuild
from workflowbench_dagster.jobs.scrapes import start_scrape
from workflowbench_dagster.resources.opt_outs import OptOutList
from workflowbench_dagster.resources.sources import ShortcutFolder

FIRST, SECOND = "folder-shortcuts-0001", "folder-shortcuts-0002"
LISTED = "f00836becd2845109809720d2a70e32f"


@pytest.fixture
def rebuild(folder, tables, instance, definitions_on, tmp_path):
    """Writes the opt-out list and rebuilds; returns the names of the assets that were made."""
    listed = tmp_path / "opt-outs.txt"
    defs = definitions_on(folder, tables, listed)

    def run(text):
        listed.write_text(text)
        start_scrape(instance, tables, ShortcutFolder(path=str(folder)))
        sources = {"opt_outs": OptOutList(path=str(listed)).version}
        result = run_rebuild(instance, defs, tables, sources)
        assert result.success
        assert plan_rebuild(instance, defs, tables, sources) == []
        return {node.key.to_user_string() for batch in result.batches for node in batch.reasons}

    return run


def titles(tables, scrape=FIRST):
    scraped = [tables.read(table, scrape) for table in (TRANSCRIBED_WORKFLOWS, ANNOTATED_WORKFLOWS)]
    united = [tables.read(table) for table in (SEED_WORKFLOWS, WORKFLOWBENCH)]
    return [sorted(frame["title"]) for frame in (*scraped, *united)]


def name_places(folder, *urls):
    rows = [f"Tea.shortcut,{url}" for url in urls]
    (folder / "manifest.csv").write_text("\n".join(["file,url", *rows]))


@pytest.mark.parametrize(
    ("url", "listed"),
    [
        ("https://routinehub.co/shortcut/5/", "5"),
        (f"https://www.icloud.com/shortcuts/{LISTED}", LISTED),
    ],
)
def test_a_listed_shortcut_disappears_from_every_stage(rebuild, folder, tables, url, listed):
    name_places(folder, url)
    rebuild("")
    assert "Tea" in titles(tables)[0]
    rebuild(f"{listed}\n")
    assert titles(tables) == [["Cake", "Coffee"]] * 4
    dropped = tables.read(TRANSCRIBED_WORKFLOWS_DROPPED, FIRST).filter(rule="opted_out")
    assert dropped["title"].to_list() == [None]
    rebuild("")
    assert "Tea" in titles(tables)[3]


def test_a_listed_workflow_id_drops_every_copy(rebuild, folder, tables):
    (folder / "Tisane.shortcut").write_bytes((folder / "Tea.shortcut").read_bytes() + b" ")
    rebuild("")
    tea = tables.read(TRANSCRIBED_WORKFLOWS, FIRST).filter(title="Tea")["workflow_id"][0]
    rebuild(f"workflow:{tea}")
    assert titles(tables) == [["Cake", "Coffee"]] * 4
    assert tables.read(TRANSCRIBED_WORKFLOWS_DROPPED, FIRST).filter(rule="opted_out").height == 2


def test_one_listed_version_drops_them_all(rebuild, folder, tables, add_shortcut):
    name_places(folder, "https://www.icloud.com/shortcuts/00000000000000000000000000000001")
    rebuild("")
    add_shortcut(folder / "Tea.shortcut", "Boil", "Steep")
    name_places(folder, "https://www.icloud.com/shortcuts/00000000000000000000000000000002")
    rebuild("")
    rebuild("icloud:00000000000000000000000000000002")
    assert titles(tables) == [["Cake", "Coffee"]] * 4
    assert titles(tables, SECOND)[:2] == [[], []]


def test_a_version_that_was_listed_before_it_came_takes_the_earlier_ones_with_it(
    rebuild, folder, tables, add_shortcut
):
    rebuild("icloud:00000000000000000000000000000002")
    add_shortcut(folder / "Tea.shortcut", "Boil", "Steep")
    name_places(folder, "https://www.icloud.com/shortcuts/00000000000000000000000000000002")
    rebuild("icloud:00000000000000000000000000000002")
    assert titles(tables)[2:] == [["Cake", "Coffee"]] * 2


def test_the_same_ids_in_another_form_make_nothing_stale(rebuild):
    rebuild("5\n")
    assert rebuild("# see\nhttps://routinehub.co/shortcut/5/,please\n") == set()


def test_an_id_that_nothing_has_stops_at_the_transcription(rebuild):
    rebuild("")
    read = {"transcribed_workflows", "seed_workflows"}
    assert rebuild("5\n") == {"opt_outs", *read, *(f"{name}_dropped" for name in read)}


def test_a_bad_line_stops_the_rebuild_with_its_number(folder, tables, instance, definitions_on, tmp_path):
    (tmp_path / "list").write_text("5\nnonsense\n")
    job = definitions_on(folder, tables, tmp_path / "list").resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        instance=instance, asset_selection=[dg.AssetKey("opt_outs")], raise_on_error=False
    )
    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert "line 2: 'nonsense' is no id" in str(failure.event_specific_data)
