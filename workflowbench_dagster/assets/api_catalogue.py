"""Stage `api_catalogue`: the documentation of every action."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from workflowbench.catalogue.frame import catalogue_frame
from workflowbench.tables import API_CATALOGUE
from workflowbench_dagster.assets.stage import Stage, table_stage
from workflowbench_dagster.resources.sources import CatalogueSources
from workflowbench_dagster.resources.tables import ParquetTables


@table_stage(API_CATALOGUE, group="collection")
def api_catalogue(
    context: dg.AssetExecutionContext, tables: ParquetTables, catalogue: CatalogueSources
) -> Iterator[dg.MaterializeResult[Any]]:
    """Describe the actions of Apple's Shortcuts and of apps, as a JSON document and as a Python stub each."""
    stage = Stage(context, tables, source=catalogue.version)
    yield stage.write(API_CATALOGUE, catalogue_frame(catalogue.catalogue()))
