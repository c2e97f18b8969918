"""Stages with a partition per category: all in one run, or one alone."""

import shutil
from pathlib import Path

import dagster as dg
import pytest
from model_chain import Chain

from workflowbench.categories import CATEGORIES
from workflowbench.tables import EXPANDED_QUERIES, LINEAGE, QUALITY_FUNNEL, SEED_SPLITS, WORKFLOWBENCH
from workflowbench_dagster import price
from workflowbench_dagster.jobs.rebuild import plan_rebuild
from workflowbench_dagster.partitions import CATEGORY_NAMES, SYNTHETIC
from workflowbench_dagster.resources.models import STAGES as STAGES_OF_MODELS
from workflowbench_dagster.table_reading import scan_all

EXAMPLES = Path(__file__).parents[3] / "examples"
STAGES = [dg.AssetKey(name) for table in SYNTHETIC for name in (table, f"{table}_dropped")]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    chain = Chain(tmp_path_factory.mktemp("built"), EXAMPLES)
    assert chain.rebuild(backend="offline").success
    return chain


@pytest.fixture
def copy(built, tmp_path):
    return Chain(shutil.copytree(built.place, tmp_path / "copy"), EXAMPLES)


def materialize(chain, instance, *assets, partition=None, config=None, **model):
    job = chain.definitions(**{"backend": "offline", **model}).resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        instance=instance, partition_key=partition, asset_selection=list(assets), run_config=config
    )


def test_every_category_has_its_quota_and_one_file(built):
    queries = scan_all(built.tables, EXPANDED_QUERIES, []).collect()
    assert dict(queries["category"].value_counts().iter_rows()) == dict.fromkeys(CATEGORIES, 1)
    assert all(built.tables.exists(EXPANDED_QUERIES, key) for key in CATEGORY_NAMES)


def test_a_category_made_alone_again_is_the_same_and_leaves_nothing_stale(copy):
    before = copy.digests()
    with dg.DagsterInstance.from_config(str(copy.place / "instance")) as instance:
        assert materialize(copy, instance, *STAGES, partition="food-drink").success
        assert plan_rebuild(instance, copy.definitions(backend="offline"), copy.tables) == []
    assert copy.digests() == before


def test_a_missing_category_is_made_again(copy):
    (copy.place / "tables" / "generated_workflows" / "books.parquet").unlink()
    result = copy.rebuild(backend="offline")
    assert [{node.key.to_user_string() for node in batch.reasons} for batch in result.batches] == [
        {"generated_workflows"}
    ]
    assert copy.tables.exists(EXPANDED_QUERIES, "books")


def test_synthetic_workflows_come_from_training_workflows_alone(built):
    lineage, splits = built.tables.read(LINEAGE), built.tables.read(SEED_SPLITS)
    parents = lineage.filter(stage="generated_workflows")["parent_id"]
    seeds = {key.partition(":")[2] for key in parents if key.startswith("seed_workflows:")}
    elsewhere = set(splits.filter(~splits["split"].eq("train"))["workflow_id"])
    assert seeds
    assert elsewhere
    assert not seeds & elsewhere


def test_the_funnel_counts_every_workflow(built):
    funnel = built.tables.read(QUALITY_FUNNEL)
    assert funnel.filter(step=1)["n_in"].sum() == len(CATEGORIES)
    synthetic = built.tables.read(WORKFLOWBENCH).filter(origin="synthetic")
    assert synthetic.height == funnel["n_in"].filter(funnel["step"] == 1).sum() - funnel["n_dropped"].sum()


def test_a_dry_run_says_the_price_and_asks_and_writes_nothing(copy):
    before, dry = copy.digests(), {"ops": {"expanded_queries": {"config": {"dry_run": True}}}}
    server = {"backend": "openai", "model": "gpt-4o-mini", "url": "http://127.0.0.1:9/v1"}
    key = dg.AssetKey("expanded_queries")
    with dg.DagsterInstance.from_config(str(copy.place / "instance")) as instance:
        assert materialize(copy, instance, *STAGES[:2], partition="books", config=dry, **server).success
        (record,) = instance.fetch_observations(key, limit=1).records
    figures = {name: value.value for name, value in record.asset_observation.metadata.items()}
    assert (figures["questions"], figures["replayed"], figures["currency"]) == (1, 0, "USD")
    assert 0 < figures["cost"] <= figures["cost_most"]
    assert copy.digests() == before


def test_every_stage_has_a_price_before_it_is_asked(copy):
    server = {"backend": "openai", "model": "gpt-4o-mini", "url": "http://127.0.0.1:9/v1"}
    before = copy.digests()
    with dg.DagsterInstance.from_config(str(copy.place / "instance")) as instance:
        found = list(price.prices(instance, copy.definitions(**server)))
    assert [figures["stage"] for figures in found] == list(STAGES_OF_MODELS)
    assert all(figures["cost"] > 0 and figures["questions"] for figures in found)
    assert copy.digests() == before


def test_questions_that_the_ledger_cannot_answer_are_asked_once_more_by_the_next_rebuild(copy):
    assert copy.rebuild(backend="ledger").success
    assert scan_all(copy.tables, EXPANDED_QUERIES, []).collect().is_empty()
    again = copy.rebuild(backend="ledger")
    assert again.success
    assert {why for batch in again.batches for why in batch.reasons.values()} == {
        "questions without an answer"
    }
