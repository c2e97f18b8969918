"""The rows of the stages that make synthetic workflows, as far as they are part of the platform."""

from typing import NamedTuple

import polars as pl

from workflowbench.tables import CONFIRMED_WORKFLOWS, EXPANDED_QUERIES, GENERATED_WORKFLOWS


class Synthetic(NamedTuple):
    """Rows of `expanded_queries`, `generated_workflows` and `confirmed_workflows`."""

    queries: pl.DataFrame
    generated: pl.DataFrame
    confirmed: pl.DataFrame


NO_SYNTHETIC = Synthetic(EXPANDED_QUERIES.frame(), GENERATED_WORKFLOWS.frame(), CONFIRMED_WORKFLOWS.frame())
"""The platform makes no synthetic workflows: the dataset is made of collected ones."""
