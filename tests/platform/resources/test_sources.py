import plistlib

import pytest

from workflowbench.collection.errors import SourceError
from workflowbench.tables import RAW_SHORTCUTS
from workflowbench_dagster.resources.sources import CatalogueSources, ShortcutFolder


def test_a_source_is_named_after_its_folder_unless_it_has_a_name(folder):
    assert ShortcutFolder(path=str(folder)).source == "folder:shortcuts"
    named = ShortcutFolder(path=str(folder), name="My Mac")
    assert (named.source, named.scrape_prefix) == ("folder:My Mac", "folder-my-mac")


def test_a_scrape_knows_the_scrapes_before_it_and_no_later_one(folder, tables, add_shortcut):
    source = ShortcutFolder(path=str(folder))
    keys = [f"folder-shortcuts-000{number}" for number in (1, 2)]
    first, _ = source.scan(tables, [], keys[0])
    tables.write(RAW_SHORTCUTS, first, keys[0])
    add_shortcut(folder / "New.shortcut", "new")
    second, _ = source.scan(tables, keys, keys[1])
    tables.write(RAW_SHORTCUTS, second, keys[1])
    assert second["title"].to_list() == ["New"]
    assert source.scan(tables, keys, keys[0])[0].height == 5


def test_a_scrape_of_another_source_is_refused(folder, tables):
    with pytest.raises(SourceError, match="is no scrape of"):
        ShortcutFolder(path=str(folder)).scan(tables, [], "folder-other-0001")


def test_the_version_of_the_catalogue_is_that_of_the_file_it_reads(tmp_path):
    path = tmp_path / "WFActions.plist"
    path.write_bytes(plistlib.dumps({"a": {}}))
    first = CatalogueSources(wfactions=str(path)).version
    path.write_bytes(plistlib.dumps({"b": {}}))
    assert len({"", first, CatalogueSources(wfactions=str(path)).version}) == 3
    assert CatalogueSources().version == ""


def test_a_missing_wfactions_file_is_explained(tmp_path):
    with pytest.raises(SourceError, match="WORKFLOWBENCH_WFACTIONS"):
        _ = CatalogueSources(wfactions=str(tmp_path / "none")).version


def test_apples_own_list_is_read_beside_the_builtin_facts(shared):
    sources = CatalogueSources(wfactions=str(shared / "data" / "WFActions.plist"))
    assert len(sources.catalogue()) >= len(CatalogueSources().catalogue())


@pytest.fixture
def apps(tmp_path):
    """A folder with one app that describes one intent."""
    contents = tmp_path / "apps" / "Bell.app"
    (contents / "Resources").mkdir(parents=True)
    (contents / "Info.plist").write_bytes(plistlib.dumps({"CFBundleIdentifier": "com.example.bell"}))
    intent = {"INIntentName": "Ring", "INIntentTitle": "Ring", "INIntentParameters": []}
    definition = plistlib.dumps({"INEnums": [], "INIntents": [intent]})
    (contents / "Resources" / "Bell.intentdefinition").write_bytes(definition)
    return tmp_path / "apps"


def test_actions_of_apps_are_added_to_the_builtin_ones(apps):
    added = set(CatalogueSources(apps=str(apps)).catalogue()) - set(CatalogueSources().catalogue())
    assert [identifier.split(".Ring")[0] for identifier in added] == ["com.example.bell"]


def test_the_version_of_the_catalogue_changes_with_the_apps(apps):
    before = CatalogueSources(apps=str(apps)).version
    (apps / "Bell.app" / "Resources" / "Bell.intentdefinition").write_bytes(b"changed")
    assert CatalogueSources(apps=str(apps)).version not in ("", before)


def test_a_missing_folder_of_apps_is_explained(tmp_path):
    with pytest.raises(SourceError, match="WORKFLOWBENCH_APPS"):
        _ = CatalogueSources(apps=str(tmp_path / "none")).version
