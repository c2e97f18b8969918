"""Stage `api_catalogue`: the documentation of every action."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from workflowbench.catalogue.frame import catalogue_frame
from workflowbench.catalogue.observed import observed_apis
from workflowbench.shortcuts.calls import calls_of
from workflowbench.tables import API_CATALOGUE, RAW_SHORTCUTS
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.resources.sources import CatalogueSources
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(API_CATALOGUE, deps=[RAW_SHORTCUTS], group="collection")
def api_catalogue(
    context: dg.AssetExecutionContext, tables: ParquetTables, catalogue: CatalogueSources
) -> Iterator[dg.MaterializeResult[Any]]:
    """Describe the actions of Apple's Shortcuts and of apps, as a JSON document and as a Python stub each.

    What the collected shortcuts use beyond the documentation is added and marked as observed.
    """
    stage = Stage(context, tables, source=catalogue.version)
    payloads = stage.scan(RAW_SHORTCUTS).select("payload").collect().to_series()
    observed = observed_apis(calls_of(payloads))
    yield stage.write(API_CATALOGUE, catalogue_frame(catalogue.catalogue().merged(observed)))
