import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from workflowbench.bench.derivation import Derivation
from workflowbench.bench.lineage import sample_lineage
from workflowbench.bench.plots import plot_distributions
from workflowbench.bench.release import write_release
from workflowbench.bench.samples import workflowbench_samples
from workflowbench.bench.seed_splits import seed_split
from workflowbench.bench.splits import split_samples
from workflowbench.bench.statistics import dataset_statistics
from workflowbench.catalogue.api import function_name
from workflowbench.tables import API_CATALOGUE, API_POOLS, CONFIRMED_WORKFLOWS, EXPANDED_QUERIES

HELD_OUT = "com.held.app"


@pytest.fixture(scope="session")
def tables(seeds: Callable[..., pl.DataFrame]) -> dict[str, Any]:
    """The arguments of `write_release`."""
    rows = seeds(*({"category": "Games"} for _ in range(20)), {"n_actions": 0})
    rows = rows.with_columns(
        pl.when(workflow_id="w1").then(pl.lit([HELD_OUT])).otherwise("apis").alias("apis")
    )
    samples, dropped = workflowbench_samples(rows, CONFIRMED_WORKFLOWS.frame())
    pools = API_POOLS.frame(
        {"identifier": identifier, "app": function_name(identifier), "pool": pool, "n_workflows": 1}
        for identifier, pool in (("is.workflow.actions.url", "common"), (HELD_OUT, "held_out"))
    )
    lineage = sample_lineage(samples)
    derivation = Derivation(samples, rows, EXPANDED_QUERIES.frame(), lineage)
    splits = split_samples(derivation, seed_split(rows, pools, seed=1, dev=0.2, test=0.2), pools)
    api = {
        "identifier": "is.workflow.actions.url",
        "function": "is_workflow_actions_url",
        "name": "URL",
        "app": "is_workflow_actions",
        "category": "Web",
        "description": "Passes on a web address.",
        "origin": "builtin",
        "n_parameters": 0,
        "required_parameters": [],
        "json_document": '{"name": "URL"}',
        "python_stub": "def is_workflow_actions_url(): ...",
    }
    return {
        "samples": samples,
        "splits": splits,
        "pools": pools,
        "statistics": dataset_statistics(rows, samples, splits),
        "catalogue": API_CATALOGUE.frame([api]),
        "lineage": lineage,
        "dropped": {"workflowbench": dropped},
    }


@pytest.fixture(scope="session")
def release(tables: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("release") / "out"
    write_release(directory, **tables)
    return directory


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_samples_are_keyed_by_id_as_in_the_published_dataset(release: Path):
    samples = read(release / "data_samples.json")
    assert len(samples) == 20
    assert samples["w0"] == {
        "query": "Why?",
        "apis": ["is.workflow.actions.url"],
        "task_plan": "1. **Start**",
        "annotated_code": "# Calls f\nf()",
    }


@pytest.mark.parametrize(
    ("name", "setting"), [("dataset_split_keys", "id"), ("dataset_split_keys_ood", "ood")]
)
def test_split_keys_name_the_samples_of_each_split(
    name: str, setting: str, release: Path, tables: dict[str, Any]
):
    keys = read(release / f"{name}.json")
    assert list(keys) == ["dev", "test", "train"]
    found = sorted((key, split) for split, members in keys.items() for key in members)
    placed = tables["splits"].filter((pl.col("setting") == setting) & (pl.col("split") != "excluded"))
    assert found == sorted(placed.select("sample_id", "split").iter_rows())


def test_the_held_out_apis_are_published(release: Path):
    assert read(release / "api_pools.json") == {
        "common": ["is.workflow.actions.url"],
        "held_out": [HELD_OUT],
        "held_out_apps": ["com_held_app"],
    }


def test_documents_are_keyed_by_function(release: Path):
    assert read(release / "identifier2json.json") == {"is_workflow_actions_url": {"name": "URL"}}
    stubs = read(release / "identifier2python.json")
    assert stubs == {"is_workflow_actions_url": "def is_workflow_actions_url(): ..."}


def test_each_split_is_a_table(release: Path, tables: dict[str, Any]):
    for setting in ("id", "ood"):
        for split in ("train", "dev", "test"):
            rows = pl.read_parquet(release / "data" / setting / f"{split}.parquet")
            placed = tables["splits"].filter(setting=setting, split=split)
            assert rows.equals(tables["samples"].join(placed, on="sample_id", how="semi"))


def test_checksums_cover_every_other_file(release: Path):
    lines = (release / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    files = {str(path.relative_to(release)): path for path in release.rglob("*") if path.is_file()}
    assert sums == {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in files.items()
        if name != "SHA256SUMS"
    }


def test_the_card_describes_columns_counts_drops_and_licence(release: Path):
    card = (release / "README.md").read_text()
    assert card.startswith("---\npretty_name: WorkflowBench\nlicense: unknown\n")
    assert "| `workflowbench` | `no_action` | 1 |" in card
    assert "| all | 20 | 20 | 0 | 20 |" in card
    assert (
        "  - config_name: ood\n    data_files:\n      - split: train\n        path: data/ood/train.parq"
        in card
    )
    assert "1 APIs of 1 apps are held out; 1 APIs are common." in card
    assert "| ood | `test_of_id` |" in card
    assert "| `query` | `String` | What a person asks for. |" in card
    assert "| Instances | 21 (14,771) |" in card


def test_the_same_tables_give_the_same_bytes(release: Path, tables: dict[str, Any], tmp_path: Path):
    shuffled = {
        name: frame.sample(fraction=1, shuffle=True, seed=3) if isinstance(frame, pl.DataFrame) else frame
        for name, frame in tables.items()
    }
    write_release(tmp_path / "again", **shuffled)
    assert (tmp_path / "again" / "SHA256SUMS").read_bytes() == (release / "SHA256SUMS").read_bytes()


def test_a_card_without_drops_says_so(tables: dict[str, Any], tmp_path: Path):
    nothing = {name: rows.clear() for name, rows in tables["dropped"].items()}
    write_release(tmp_path / "out", **{**tables, "dropped": nothing})
    assert "## What was dropped\n\nNothing.\n" in (tmp_path / "out" / "README.md").read_text()


def test_the_manifest_is_returned(release: Path, tables: dict[str, Any], tmp_path: Path):
    manifest = write_release(tmp_path / "out", **tables)
    sums = (tmp_path / "out" / "SHA256SUMS").read_bytes()
    assert manifest == read(release / "release.json") | {"checksums_sha256": hashlib.sha256(sums).hexdigest()}


def test_a_release_is_replaced_as_a_whole(tables: dict[str, Any], tmp_path: Path):
    write_release(tmp_path / "out", **tables)
    (tmp_path / "out" / "stale.txt").write_text("left over")
    write_release(tmp_path / "out", **tables)
    assert not (tmp_path / "out" / "stale.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("manifest", [None, "not json", "[]", '{"format": "other"}'])
def test_a_foreign_directory_is_refused_and_kept(
    manifest: str | None, tables: dict[str, Any], tmp_path: Path
):
    target = tmp_path / "mine"
    target.mkdir()
    (target / "thesis.txt").write_text("years of work")
    if manifest is not None:
        (target / "release.json").write_text(manifest)
    with pytest.raises(ValueError, match="not a release"):
        write_release(target, **tables)
    assert (target / "thesis.txt").read_text() == "years of work"


def test_a_file_is_refused(tables: dict[str, Any], tmp_path: Path):
    (tmp_path / "file").write_text("text")
    with pytest.raises(ValueError, match="not a release"):
        write_release(tmp_path / "file", **tables)


def test_an_empty_directory_is_filled(tables: dict[str, Any], tmp_path: Path):
    write_release(tmp_path, **tables)
    assert (tmp_path / "release.json").exists()


def test_a_failed_release_leaves_the_former_one_and_no_rest(tables: dict[str, Any], tmp_path: Path):
    write_release(tmp_path / "out", **tables)
    before = (tmp_path / "out" / "SHA256SUMS").read_bytes()
    broken = tables["catalogue"].with_columns(json_document=pl.lit("{"))
    with pytest.raises(ValueError, match="unexpected end of data"):
        write_release(tmp_path / "out", **tables | {"catalogue": broken})
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "SHA256SUMS").read_bytes() == before


def test_a_sample_without_a_split_is_an_error(tables: dict[str, Any], tmp_path: Path):
    with pytest.raises(ValueError, match="no split"):
        write_release(tmp_path / "out", **tables | {"splits": tables["splits"].head(3)})
    assert not (tmp_path / "out").exists()


def test_the_picture_is_a_png_that_depends_on_the_figures_alone(tables: dict[str, Any], release: Path):
    picture = plot_distributions(tables["statistics"])
    assert picture.startswith(b"\x89PNG\r\n")
    assert picture == (release / "distributions.png").read_bytes()
    changed = tables["statistics"].with_columns(pl.col("value") / 2)
    assert plot_distributions(changed) != picture


def test_the_card_counts_the_licences(tables: dict[str, Any], tmp_path: Path) -> None:
    is_first = pl.col("sample_id") == tables["samples"]["sample_id"][0]
    licence = pl.when(is_first).then(pl.lit("MIT")).alias("licence")
    write_release(tmp_path / "release", **{**tables, "samples": tables["samples"].with_columns(licence)})
    card = (tmp_path / "release" / "README.md").read_text()
    assert "| MIT | 1 |" in card
    assert f"| not stated | {tables['samples'].height - 1} |" in card
