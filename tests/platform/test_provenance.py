import dagster as dg
import pytest

from workflowbench_dagster import provenance
from workflowbench_dagster.provenance import code_version, input_version


@pytest.fixture
def sources(tmp_path, monkeypatch):
    for path, text in {
        "workflowbench/__init__.py": "",
        "workflowbench/a/__init__.py": "",
        "workflowbench/a/one.py": "from workflowbench.b import two\n",
        "workflowbench/a/other.py": "",
        "workflowbench/b/__init__.py": "",
        "workflowbench/b/two.py": "import json\n",
        "workflowbench/b/data/facts.json": "{}",
        "stage.py": "from workflowbench.a.one import x\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.setattr(provenance, "_ROOT", tmp_path)
    return tmp_path


def version():
    provenance._library_imports.cache_clear()
    provenance._data_files.cache_clear()
    return code_version("stage")


@pytest.fixture(autouse=True)
def forget():
    yield
    provenance._library_imports.cache_clear()
    provenance._data_files.cache_clear()


def test_the_same_sources_have_the_same_version(sources):
    assert version() == version()


@pytest.mark.parametrize(
    "path",
    ["stage.py", "workflowbench/a/one.py", "workflowbench/b/two.py", "workflowbench/b/data/facts.json"],
)
def test_a_module_or_data_file_that_the_stage_builds_on_changes_its_version(sources, path):
    before = version()
    (sources / path).write_text((sources / path).read_text() + "\n")
    assert version() != before


def test_a_module_that_the_stage_does_not_import_leaves_its_version(sources):
    before = version()
    (sources / "workflowbench/a/other.py").write_text("changed = True\n")
    assert version() == before


def test_inputs_change_with_the_data_version_of_a_parent(instance):
    parent = dg.AssetKey("api_catalogue")

    def materialized(data_version):
        tags = {"dagster/data_version": data_version}
        instance.report_runless_asset_event(dg.AssetMaterialization(parent, tags=tags))
        return input_version(instance, [parent], None)

    first = materialized("1")
    assert materialized("1") == first
    assert materialized("2") != first


def test_a_child_without_partitions_reads_every_scrape(instance):
    parent = dg.AssetKey("raw_shortcuts")
    instance.add_dynamic_partitions("scrape", ["folder-x-0001"])
    one = input_version(instance, [parent], None)
    instance.add_dynamic_partitions("scrape", ["folder-x-0002"])
    assert input_version(instance, [parent], None) != one
