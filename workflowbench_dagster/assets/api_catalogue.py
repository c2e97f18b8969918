"""Stage `api_catalogue`: the documentation of every action."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from workflowbench.catalogue.frame import catalogue_frame
from workflowbench.catalogue.observed import observed_apis
from workflowbench.shortcuts.calls import calls_of
from workflowbench.tables import API_CATALOGUE, TRANSCRIBED_WORKFLOWS
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.conditions import on_change_of_all
from workflowbench_dagster.resources.sources import CatalogueSources
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(API_CATALOGUE, deps=[TRANSCRIBED_WORKFLOWS], group="collection", automation=on_change_of_all())
def api_catalogue(
    context: dg.AssetExecutionContext, tables: ParquetTables, catalogue: CatalogueSources
) -> Iterator[dg.MaterializeResult[Any]]:
    """Describe the actions of Apple's Shortcuts and of apps, as a JSON document and as a Python stub each.

    What the collected shortcuts use beyond the documentation is added and marked as observed.
    """
    stage = Stage(context, tables, source=catalogue.version)
    programs = stage.scan(TRANSCRIBED_WORKFLOWS).select("code").collect().to_series()
    observed = observed_apis(calls_of(programs))
    yield stage.write(API_CATALOGUE, catalogue_frame(catalogue.catalogue().merged(observed)))
