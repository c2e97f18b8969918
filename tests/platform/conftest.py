"""Fixtures for tests of the platform: a folder of shortcuts, a table store, an instance, definitions."""

import plistlib
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from model_resources import model_resources

from workflowbench_dagster.definitions import defs as platform
from workflowbench_dagster.jobs.rebuild import run_rebuild
from workflowbench_dagster.jobs.scrapes import start_scrape
from workflowbench_dagster.resources.gpu import GpuJobs
from workflowbench_dagster.resources.opt_outs import OptOutList
from workflowbench_dagster.resources.scraping import NetworkSources
from workflowbench_dagster.resources.sources import CatalogueSources, ShortcutFolder
from workflowbench_dagster.resources.tables import ParquetTables


def write_shortcut(path: Path, *texts: str) -> None:
    """Write a shortcut that shows each text."""
    actions = [
        {
            "WFWorkflowActionIdentifier": "is.workflow.actions.showresult",
            "WFWorkflowActionParameters": {"Text": text},
        }
        for text in texts
    ]
    path.write_bytes(plistlib.dumps({"WFWorkflowActions": actions, "WFWorkflowClientVersion": "2302.0.4"}))


def write_folder(path: Path) -> Path:
    """Make a folder with three different shortcuts and a file that is none."""
    path.mkdir()
    for name, texts in {"Tea": ["Boil"], "Coffee": ["Grind", "Brew"], "Cake": ["Mix", "Bake", "Eat"]}.items():
        write_shortcut(path / f"{name}.shortcut", *texts)
    (path / "notes.shortcut").write_text("no shortcut at all")
    return path


def platform_on(folder: Path, tables: ParquetTables, opt_outs: Path | None = None) -> dg.Definitions:
    """Return the definitions of the platform with a folder and a store of a test's own."""
    return dg.Definitions(
        assets=platform.assets,
        asset_checks=platform.asset_checks,
        jobs=platform.jobs,
        sensors=platform.sensors,
        schedules=platform.schedules,
        resources={
            "tables": tables,
            "folder": ShortcutFolder(path=str(folder)),
            "network": NetworkSources(snapshots=str(folder.parent / "snapshots")),
            "catalogue": CatalogueSources(),
            **model_resources(folder.parent),
            "opt_out_list": OptOutList(path=str(opt_outs)) if opt_outs else OptOutList(),
            "gpu": GpuJobs(workspace=str(folder.parent / "gpu")),
        },
        loggers=platform.loggers,
        executor=platform.executor,
    )


@pytest.fixture
def definitions_on() -> Callable[..., dg.Definitions]:
    """A function that puts the definitions of the platform on a folder and a store."""
    return platform_on


@pytest.fixture
def add_shortcut() -> Callable[..., None]:
    """A function that writes a shortcut: path and texts."""
    return write_shortcut


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three different shortcuts and a file that is none."""
    return write_folder(tmp_path / "shortcuts")


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place with a folder of shortcuts that was rebuilt: `shortcuts`, `tables` and `instance`."""
    place = tmp_path_factory.mktemp("built")
    folder, tables = write_folder(place / "shortcuts"), ParquetTables(root=str(place / "tables"))
    (place / "instance").mkdir()
    with dg.DagsterInstance.from_config(str(place / "instance")) as instance:
        start_scrape(instance, tables, ShortcutFolder(path=str(folder)))
        assert run_rebuild(instance, platform_on(folder, tables), tables).success
    return place


@pytest.fixture
def tables(tmp_path: Path) -> ParquetTables:
    """An empty table store."""
    return ParquetTables(root=str(tmp_path / "tables"))


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance that keeps its events in memory."""
    (tmp_path / "instance").mkdir()
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path / "instance")) as instance:
        yield instance


@pytest.fixture
def defs(folder: Path, tables: ParquetTables) -> dg.Definitions:
    """The definitions of the platform on the test's folder and store."""
    return platform_on(folder, tables)
