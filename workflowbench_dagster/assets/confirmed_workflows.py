"""Stage `confirmed_workflows`: the generated workflows that pass every rule, and why the others do not."""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

import dagster as dg

from workflowbench.quality.confirmation import Confirmed, confirm
from workflowbench.tables import CONFIRMED_WORKFLOWS, CONFIRMED_WORKFLOWS_DROPPED, GENERATED_WORKFLOWS
from workflowbench_dagster.assets.asking import Asking, asking, report_price
from workflowbench_dagster.assets.category_stage import CategoryStage
from workflowbench_dagster.assets.quality_funnel import funnel_note
from workflowbench_dagster.assets.stage import table_stage
from workflowbench_dagster.resources.environment import cost_of
from workflowbench_dagster.resources.models import StageModel
from workflowbench_dagster.resources.outside import outside_version
from workflowbench_dagster.resources.sources import CatalogueSources
from workflowbench_dagster.resources.synthesis import Synthesis
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(
    CONFIRMED_WORKFLOWS,
    CONFIRMED_WORKFLOWS_DROPPED,
    deps=[GENERATED_WORKFLOWS],
    group="generation",
    tags=cost_of("refinement", "judge"),
    skippable=True,
)
def confirmed_workflows(
    context: dg.AssetExecutionContext,
    config: Asking,
    tables: ParquetTables,
    catalogue: CatalogueSources,
    synthesis: Synthesis,
    refinement_model: StageModel,
    judge_model: StageModel,
) -> Iterator[dg.MaterializeResult[Any]]:
    """Keep the generated workflows that pass the rules for format, symbols and meaning, refined.

    Without models nothing is refined or judged, and the rows say so.
    """
    source = outside_version(catalogue, refinement_model, judge_model, synthesis.confirmation_version)
    stage = CategoryStage(context, tables, source)
    generated = stage.read(GENERATED_WORKFLOWS)
    category_of: dict[str, str] = dict(generated.select("query_id", "category").iter_rows())

    def part_of(question: str) -> str:
        return category_of[question.partition("/")[0]]

    with (
        asking(refinement_model, context, config, part_of) as refiner,
        asking(judge_model, context, config, part_of) as judge,
    ):
        confirmed = confirm(
            generated,
            catalogue.catalogue(),
            refiner=refiner.model,
            judge=judge.model,
            uses=synthesis.uses_rule,
            votes=synthesis.votes,
            needed=synthesis.votes_needed,
            known=stage.others(CONFIRMED_WORKFLOWS),
        )
    if config.dry_run:
        report_price(context, CONFIRMED_WORKFLOWS.name, {"refinement": refiner, "judge": judge})
        return
    stage.to_ask_again = refiner.to_ask_again + judge.to_ask_again
    names = list(stage.categories.values())
    refined, judged = refiner.figures(names, "refinement_"), judge.figures(names, "judge_")
    figures = {name: {**_shares(confirmed, name), **refined[name], **judged[name]} for name in names}
    notes = {name: funnel_note(confirmed.funnel.filter(category=name)) for name in names}
    yield stage.write_by_category(CONFIRMED_WORKFLOWS, confirmed.kept, itemgetter("category"), figures, notes)
    yield stage.write_by_category(
        CONFIRMED_WORKFLOWS_DROPPED, confirmed.dropped, lambda row: category_of[row["row_id"]]
    )


def _shares(confirmed: Confirmed, category: str) -> Mapping[str, Any]:
    """Return how many workflows of a category came in, and which share of them was kept."""
    n_in = int(confirmed.funnel.filter(category=category, step=1)["n_in"].sum())
    n_kept = confirmed.kept.filter(category=category).height
    return {"n_in": n_in, **({"kept_share": n_kept / n_in} if n_in else {})}
