"""Stage `expanded_queries`: what people might ask for, and the APIs that it takes."""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

import dagster as dg

from workflowbench.catalogue.api import Api
from workflowbench.expansion.api_pools import NothingToSampleError, api_pools
from workflowbench.expansion.expanding import Expansion, expand, nothing_expanded
from workflowbench.expansion.shown_seeds import shown_seeds, tested_queries
from workflowbench.tables import (
    API_POOLS,
    EXPANDED_QUERIES,
    EXPANDED_QUERIES_DROPPED,
    SEED_SPLITS,
    SEED_WORKFLOWS,
)
from workflowbench_dagster.assets.asking import Asked, Asking, asking, report_price
from workflowbench_dagster.assets.category_stage import CategoryStage
from workflowbench_dagster.assets.stage import table_stage
from workflowbench_dagster.resources.environment import cost_of
from workflowbench_dagster.resources.models import StageModel
from workflowbench_dagster.resources.outside import outside_version
from workflowbench_dagster.resources.sources import CatalogueSources
from workflowbench_dagster.resources.synthesis import Synthesis
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(
    EXPANDED_QUERIES,
    EXPANDED_QUERIES_DROPPED,
    deps=[SEED_WORKFLOWS, SEED_SPLITS, API_POOLS],
    group="expansion",
    tags=cost_of("expansion"),
    skippable=True,
)
def expanded_queries(
    context: dg.AssetExecutionContext,
    config: Asking,
    tables: ParquetTables,
    catalogue: CatalogueSources,
    synthesis: Synthesis,
    expansion_model: StageModel,
) -> Iterator[dg.MaterializeResult[Any]]:
    """Write synthetic queries for each category, each with the APIs that it takes.

    APIs are drawn from the pools of `api_pools`. The writer, rules or a language model, sees only workflows
    that are for training in every setting.
    """
    source = outside_version(catalogue, expansion_model, synthesis.expansion_version)
    stage = CategoryStage(context, tables, source)
    with asking(expansion_model, context, config, _category_of) as asked:
        expansion = _expanded(stage, catalogue.catalogue(), synthesis, asked)
    if config.dry_run:
        report_price(context, EXPANDED_QUERIES.name, {"expansion": asked})
        return
    stage.to_ask_again = asked.to_ask_again
    figures = asked.figures(stage.categories.values())
    for category, facts in figures.items():
        facts["n_missed"] = expansion.missed.get(category, 0)
    yield stage.write_by_category(EXPANDED_QUERIES, expansion.queries, itemgetter("category"), figures)
    yield stage.write_by_category(EXPANDED_QUERIES_DROPPED, expansion.dropped, _category_of_dropped)


def _expanded(
    stage: CategoryStage, catalogue: Mapping[str, Api], synthesis: Synthesis, asked: Asked
) -> Expansion:
    seeds, splits, listed = map(stage.read, (SEED_WORKFLOWS, SEED_SPLITS, API_POOLS))
    others = stage.others(EXPANDED_QUERIES)
    shown = shown_seeds(seeds, splits)
    pool_of = {pool: listed.filter(pool=pool)["identifier"].to_list() for pool in ("held_out", "common")}
    count, categories = synthesis.n_queries, list(stage.categories.values())
    try:
        pools = api_pools(catalogue, shown, **pool_of, ood_share=synthesis.ood_share)
        return expand(
            shown,
            catalogue,
            pools,
            count=count,
            categories=categories,
            seed=synthesis.seed,
            model=asked.model,
            test_queries=tested_queries(seeds, splits),
            known_queries=dict(others.select("query_id", "query").iter_rows()),
            n_examples=synthesis.query_examples,
            attempts=1 if asked.pricing else synthesis.attempts,
        )
    except NothingToSampleError as error:
        stage.context.log.warning("No queries are written: %s.", error)
        return nothing_expanded(f"No queries can be written: {error}.", categories, count=count)


def _category_of(sample: str) -> str:
    """Return the category of a sample, which is named by category, number and attempt."""
    return sample.rsplit("/", 2)[0]


def _category_of_dropped(row: dict[str, Any]) -> str:
    return _category_of(row["row_id"])
