"""The demonstration with a real daemon: about a minute and a half, so it is not among the other tests."""

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from workflowbench_dagster.homes import home_for
from workflowbench_dagster.partitions import all_scrapes

REPOSITORY = Path(__file__).parents[2]
SCRAPED = ("raw_shortcuts", "transcribed_workflows", "annotated_workflows")
WHOLE = ("api_catalogue", "seed_workflows", "workflowbench", "splits", "statistics", "lineage", "release")


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What the demonstration printed, and its home."""
    homes = tmp_path_factory.mktemp("homes")
    command = [sys.executable, "-m", "workflowbench_dagster.demo_scrape", "--home", str(homes)]
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WORKFLOWBENCH_", "DAGSTER_"))
    }
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, home_for(homes, homes / "replayed site")


@pytest.fixture(scope="module")
def scrapes(shown):
    with dg.DagsterInstance.from_config(str(shown[1].dagster)) as instance:
        return all_scrapes(instance)


def rows(home, table, scrape):
    return pl.read_parquet(home.path / "tables" / table / f"{scrape}.parquet")


def test_three_shortcuts_and_an_update_make_one_partition_of_four_rows(shown, scrapes):
    assert len(scrapes) == 2
    for table in SCRAPED:
        assert [rows(shown[1], table, scrape).height for scrape in scrapes] == [12, 4], table
    ids = rows(shown[1], "raw_shortcuts", scrapes[1])["source_path"].to_list()
    assert sorted(ids, key=int) == ["5", "13", "14", "15"]


def test_each_partition_is_made_once_and_each_table_once_per_change(shown, scrapes):
    with dg.DagsterInstance.from_config(str(shown[1].dagster)) as instance:
        for name in (*SCRAPED, *WHOLE):
            events = instance.fetch_materializations(dg.AssetKey(name), limit=10).records
            made = sorted(str(event.partition_key) for event in events)
            assert made == (scrapes if name in SCRAPED else ["None", "None"]), name


def test_the_release_holds_the_update_and_not_what_it_replaced(shown, scrapes):
    seeds = pl.read_parquet(shown[1].path / "tables" / "seed_workflows.parquet")
    first, second = (rows(shown[1], "raw_shortcuts", scrape).filter(source_path="5") for scrape in scrapes)
    assert second["raw_id"].item() in seeds["raw_id"]
    assert first["raw_id"].item() not in seeds["raw_id"]


def test_the_demonstration_says_what_it_did(shown):
    output, _ = shown
    assert "12 rows fetched with " in output
    assert "The site gains 3 shortcuts and an update: 4 rows fetched with " in output
