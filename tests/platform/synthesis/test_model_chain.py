"""The whole chain with a model behind a real connection: cleanly, with faults, killed, and replayed."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest
from chain_answers import ESCAPE, good, troubled
from model_chain import KEY, Chain
from model_server import ModelServer

from workflowbench.categories import CATEGORIES
from workflowbench.tables import (
    ANNOTATED_WORKFLOWS_DROPPED,
    CONFIRMED_WORKFLOWS,
    CONFIRMED_WORKFLOWS_DROPPED,
    EXPANDED_QUERIES,
    EXPANDED_QUERIES_DROPPED,
    GENERATED_WORKFLOWS,
    GENERATED_WORKFLOWS_DROPPED,
    SEED_WORKFLOWS,
    WORKFLOWBENCH,
)
from workflowbench_dagster.table_reading import scan_all

EXAMPLES = Path(__file__).parents[3] / "examples"
CHOSEN = ("b", "c", "d", "e", "h", "m", "t", "u", "w")
SCRAPE = "folder-shortcuts-0001"
DROPPED = (
    *(ANNOTATED_WORKFLOWS_DROPPED, EXPANDED_QUERIES_DROPPED),
    *(GENERATED_WORKFLOWS_DROPPED, CONFIRMED_WORKFLOWS_DROPPED),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chain") / "shortcuts"
    folder.mkdir()
    for path in EXAMPLES.glob("*.shortcut"):
        if path.name.startswith(CHOSEN):
            shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def clean(folder, tmp_path_factory):
    chain = Chain(tmp_path_factory.mktemp("clean"), folder)
    with ModelServer(good) as server:
        assert chain.rebuild(backend="openai", url=server.url).success
        assert chain.rebuild(backend="openai", url=server.url).batches == ()
        assert server.authorizations == {f"Bearer {KEY}"}
    return chain


@pytest.fixture(scope="module")
def undisturbed(folder, tmp_path_factory):
    chain = Chain(tmp_path_factory.mktemp("undisturbed"), folder)
    with ModelServer(troubled) as server:
        assert chain.rebuild(backend="openai", url=server.url).success
        assert max(server.answered.values()) == 1
    return chain


def rows(chain, table):
    return scan_all(chain.tables, table, [SCRAPE]).collect()


def test_every_stage_asks_the_model_and_every_row_says_so(clean):
    assert sorted(rows(clean, EXPANDED_QUERIES)["category"]) == list(CATEGORIES)
    assert rows(clean, SEED_WORKFLOWS)["annotator"].unique().to_list() == ["tiny"]
    assert rows(clean, EXPANDED_QUERIES)["writer"].unique().to_list() == ["tiny"]
    assert rows(clean, GENERATED_WORKFLOWS)["annotator"].unique().to_list() == ["tiny"]
    confirmed = rows(clean, CONFIRMED_WORKFLOWS)
    assert confirmed.height == len(CATEGORIES)
    assert confirmed.select("refiner", "judge", "n_votes", "n_votes_for").unique().rows() == [
        ("tiny", "tiny", 3, 3)
    ]
    assert rows(clean, WORKFLOWBENCH).filter(origin="synthetic").height == len(CATEGORIES)


def test_the_key_is_in_no_file(clean):
    files = [path for path in clean.place.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


def test_a_category_shows_what_its_questions_took(clean):
    with dg.DagsterInstance.from_config(str(clean.place / "instance")) as instance:
        only = dg.AssetRecordsFilter(dg.AssetKey("expanded_queries"), asset_partitions=["food-drink"])
        (record,) = instance.fetch_materializations(only, limit=1).records
    figures = {name: value.value for name, value in record.asset_materialization.metadata.items()}
    assert (figures["questions"], figures["failed"], figures["replayed_share"]) == (1, 0, 0.0)
    assert figures["prompt_tokens"] > 100
    assert figures["run_questions"] == len(CATEGORIES)
    assert figures["run_latency_p50_s"] > 0


def test_faults_cost_their_own_rows_each_with_its_rule(clean, undisturbed):
    rules = {rule for table in DROPPED for rule in rows(undisturbed, table)["rule"]}
    ends = {"refused", "cut_off", "wrong_schema", "no_verdict", "not_needed", "no_code_block"}
    assert rules
    assert all(any(rule.endswith(end) for end in ends) for rule in rules), rules
    kept = rows(undisturbed, CONFIRMED_WORKFLOWS)
    assert len(CATEGORIES) * 0.6 < kept.height <= len(CATEGORIES)
    assert not [text for text in kept["code"] if ESCAPE.splitlines()[0] in text]


def test_a_rebuild_from_the_ledger_alone_gives_the_same_bytes(undisturbed, folder, tmp_path):
    chain = Chain(tmp_path, folder)
    shutil.copy(undisturbed.place / "ledger.sqlite", tmp_path)
    assert chain.rebuild(backend="ledger").success
    assert chain.digests() == undisturbed.digests()


def test_a_killed_chain_ends_as_an_undisturbed_one_and_pays_nothing_twice(undisturbed, folder, tmp_path):
    command = [sys.executable, str(Path(__file__).with_name("model_chain.py")), str(tmp_path), str(folder)]
    kills = 0
    with ModelServer(troubled) as server:
        for moment in (40, 150, 260):
            process = subprocess.Popen(
                [*command, server.url], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            while len(server.received) < moment and process.poll() is None:
                time.sleep(0.005)
            kills += process.poll() is None
            process.kill()
            process.wait()
        last = subprocess.run([*command, server.url], capture_output=True, text=True, check=False)
        paid_twice = sum(times - 1 for times in server.answered.values() if times > 1)
    assert last.returncode == 0, last.stdout + last.stderr
    assert kills == 3
    assert Chain(tmp_path, folder).digests() == undisturbed.digests()
    assert paid_twice <= 8 * kills


def test_a_changed_quota_asks_for_the_new_queries_alone(clean, folder, tmp_path):
    place = shutil.copytree(clean.place, tmp_path / "place")
    with ModelServer(good) as server:
        result = Chain(place, folder, queries_per_category=2).rebuild(backend="openai", url=server.url)
        assert result.success
        assert len(server.received) <= len(CATEGORIES) * 6
    made = {node.key.to_user_string() for batch in result.batches for node in batch.reasons}
    assert "seed_workflows" not in made
    assert rows(Chain(place, folder), EXPANDED_QUERIES).height == 2 * len(CATEGORIES)
