import plistlib

import pytest

from workflowbench.tables import TRANSCRIBED_WORKFLOWS, WORKFLOWBENCH, WORKFLOWBENCH_DROPPED
from workflowbench_dagster.jobs.rebuild import run_rebuild
from workflowbench_dagster.jobs.scrapes import start_scrape
from workflowbench_dagster.resources.sources import ShortcutFolder


@pytest.fixture
def rebuild(folder, tables, defs, instance):
    """Rebuilds from the folder; tells whether all of it went well."""

    def run():
        start_scrape(instance, tables, ShortcutFolder(path=str(folder)))
        return run_rebuild(instance, defs, tables).success

    return run


def test_a_folder_with_odd_shortcuts_is_built_all_the_same(folder, tables, rebuild, add_shortcut):
    (folder / "Nothing.shortcut").write_bytes(plistlib.dumps({"WFWorkflowActions": []}))
    add_shortcut(folder / "mark \ufffc.shortcut", "text with \ufffc", "word " * 3000)
    (folder / "manifest.csv").write_text(f'file,title\nTea.shortcut,"{"long " * 1000}\n\x01<b>"\n')
    assert rebuild()
    transcribed = tables.read(TRANSCRIBED_WORKFLOWS, "folder-shortcuts-0001")
    assert transcribed.height == 5
    assert tables.read(WORKFLOWBENCH).height == 4
    assert tables.read(WORKFLOWBENCH_DROPPED)["rule"].to_list() == ["no_action"]


def test_a_folder_without_any_readable_shortcut_is_an_empty_dataset(folder, tables, rebuild):
    for path in folder.iterdir():
        path.write_bytes(path.name.encode())
    assert rebuild()
    assert tables.read(WORKFLOWBENCH).is_empty()
