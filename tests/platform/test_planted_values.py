"""Secrets and personal data in every place a text can stand: nothing after the raw rows holds any of them."""

import csv
import re
from base64 import b64decode
from pathlib import Path

import dagster as dg
import planted_values as planted
import polars as pl
import pytest

from workflowbench.shortcuts.compilation import compile_program
from workflowbench.tables import RAW_SHORTCUTS, TRANSCRIBED_WORKFLOWS, TRANSCRIBED_WORKFLOWS_DROPPED
from workflowbench_dagster.jobs.rebuild import run_rebuild
from workflowbench_dagster.jobs.scrapes import start_scrape
from workflowbench_dagster.resources.sources import ShortcutFolder

SCRAPE = "folder-shortcuts-0001"
VALUES = [*planted.BY_FORM.values(), *planted.BY_PLACE.values(), *map(str, planted.LOCATION)]
_BASE64 = re.compile(r"[A-Za-z0-9+/\n]{24,}={0,2}")


@pytest.fixture
def planted_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "shortcuts"
    folder.mkdir()
    header = ["file", "title", "description", "categories", "licence"]
    with (folder / "manifest.csv").open("w", newline="") as file:
        manifest = csv.writer(file)
        manifest.writerow(header)
        for number, place in enumerate(planted.PLACES):
            name = f"{number} {planted.BY_FORM['EMAIL']}.shortcut"
            (folder / name).write_bytes(planted.shortcut(place))
            if number % 2:
                manifest.writerow([name, *[planted.EVERYTHING] * 4])
    (folder / f"no shortcut of {planted.BY_FORM['EMAIL']}.shortcut").write_text(planted.EVERYTHING)
    return folder


def texts(root: Path) -> dict[str, str]:
    """Everything that is stored after the raw rows, as text, by path."""
    paths = [path for path in root.rglob("*") if path.is_file() and "raw_shortcuts" not in str(path)]
    return {
        str(path.relative_to(root)): str(pl.read_parquet(path).to_dicts())
        if path.suffix == ".parquet"
        else path.read_bytes().decode("latin-1")
        for path in paths
    }


def unfolded(text: str, layers: int = 3) -> str:
    """A text with what base64 in it hides."""
    if not layers:
        return text
    runs = (run.replace("\n", "").rstrip("=") for run in _BASE64.findall(text.replace("\\n", "\n")))
    hidden = [b64decode(run + "==").decode("latin-1") for run in runs if len(run) % 4 != 1]
    return "\n".join([text, *(unfolded(each, layers - 1) for each in hidden)])


def test_nothing_planted_survives_and_every_program_is_proven(
    planted_folder, tables, instance, definitions_on
):
    start_scrape(instance, tables, ShortcutFolder(path=str(planted_folder)))
    assert run_rebuild(instance, definitions_on(planted_folder, tables), tables).success
    raw = tables.read(RAW_SHORTCUTS, SCRAPE)
    transcribed = tables.read(TRANSCRIBED_WORKFLOWS, SCRAPE)
    dropped = tables.read(TRANSCRIBED_WORKFLOWS_DROPPED, SCRAPE)
    assert (transcribed.height, dropped["rule"].to_list()) == (len(planted.PLACES), ["not_a_shortcut"])
    assert transcribed["round_trip"].all()
    assert all(compile_program(code).body for code in transcribed["code"])
    assert planted.BY_FORM["EMAIL"] in "".join(raw["source_path"])
    stored = {path: unfolded(text) for path, text in texts(Path(tables.root)).items()}
    assert {"release/README.md", "release/data_samples.json"} <= stored.keys()
    assert [(path, value) for path, text in stored.items() for value in VALUES if value in text] == []


def test_the_values_are_replaced_in_the_programs_and_counted(
    planted_folder, tables, instance, definitions_on
):
    start_scrape(instance, tables, ShortcutFolder(path=str(planted_folder)))
    names = (
        "raw_shortcuts",
        "raw_shortcuts_dropped",
        "opt_outs",
        "transcribed_workflows",
        "transcribed_workflows_dropped",
    )
    selection = [dg.AssetKey(name) for name in names]
    job = definitions_on(planted_folder, tables).resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(instance=instance, partition_key=SCRAPE, asset_selection=selection)
    made = result.asset_materializations_for_node("transcribed_workflows")
    metadata = next(each.metadata for each in made if each.label == "transcribed_workflows")
    totals = metadata["values_replaced_by_kind"].value
    assert totals.keys() >= {
        "ADDRESS",
        "EMAIL",
        "HOST",
        "IP",
        "KEY",
        "LOCATION",
        "PASSWORD",
        "PERSON",
        "PHONE",
    }
    assert not any(value in str(metadata) for value in VALUES)
