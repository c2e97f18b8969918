"""What the rows of the dataset were derived from: their families, APIs and ancestors.

A row is derived from another if the first contains the second (`content`) or was written in its sight
(`prompted`), in any number of steps.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import polars as pl

from workflowbench.bench.lineage import DERIVATION, ancestors, descendants, node, of_kinds
from workflowbench.tables import (
    CONFIRMED_WORKFLOWS,
    EXPANDED_QUERIES,
    GENERATED_WORKFLOWS,
    SEED_WORKFLOWS,
    WORKFLOWBENCH,
)


@dataclass(frozen=True, slots=True)
class Derivation:
    """The rows that samples can be derived from, and the edges between them.

    Attributes:
        samples: Rows of `workflowbench`.
        seeds: Rows of `seed_workflows`.
        queries: Rows of `expanded_queries`.
        lineage: Rows of `lineage`.
    """

    samples: pl.DataFrame
    seeds: pl.DataFrame
    queries: pl.DataFrame
    lineage: pl.DataFrame

    def nodes_of_families(self, families: Collection[str]) -> set[str]:
        """Return the nodes of every row of some families: the workflow itself, its sample and its query."""
        is_in = pl.col("family").is_in(list(families))
        seeds = self.seeds.filter(is_in)["workflow_id"]
        samples = self.samples.filter(is_in)
        queries = samples["query_id"].drop_nulls()
        return {
            *(node(SEED_WORKFLOWS, key) for key in seeds),
            *(
                node(table, key)
                for table in (WORKFLOWBENCH, CONFIRMED_WORKFLOWS)
                for key in samples["sample_id"]
            ),
            *(node(table, key) for table in (EXPANDED_QUERIES, GENERATED_WORKFLOWS) for key in queries),
        }

    def nodes_using(self, apis: Collection[str]) -> set[str]:
        """Return the nodes of every workflow, query and sample that uses, or was given, one of some APIs."""
        given = self.samples.select("sample_id", apis=pl.concat_list("apis", "given_apis"))
        return {
            *(node(SEED_WORKFLOWS, key) for key in _keys_using(self.seeds, "workflow_id", apis)),
            *(node(EXPANDED_QUERIES, key) for key in _keys_using(self.queries, "query_id", apis)),
            *(node(WORKFLOWBENCH, key) for key in _keys_using(given, "sample_id", apis)),
        }

    def derived_from(self, nodes: Collection[str]) -> set[str]:
        """Return the ids of the samples that are derived from one of some nodes."""
        found = descendants(of_kinds(self.lineage, *DERIVATION), nodes)
        prefix = node(WORKFLOWBENCH, "")
        return {name.removeprefix(prefix) for name in found if name.startswith(prefix)}

    def origins_among(self, sample_ids: Collection[str], nodes: Collection[str]) -> set[str]:
        """Return those of some nodes that one of some samples is derived from."""
        names = [node(WORKFLOWBENCH, key) for key in sample_ids]
        return ancestors(of_kinds(self.lineage, *DERIVATION), names) & set(nodes)


def _keys_using(rows: pl.DataFrame, key: str, apis: Collection[str]) -> Iterator[str]:
    uses = pl.col("apis").list.eval(pl.element().is_in(list(apis))).list.any()
    yield from rows.filter(uses)[key]
