"""Lineage: which row came from which, and the closure of a row in both directions.

A node is a row of a table, written `<table>:<key>`, since a transcription shares its `raw_id` with the row it
came from. The edges of kind `content` say that the child contains the parent:

- `transcribed_workflows:<raw_id>` from `raw_shortcuts:<raw_id>`;
- `annotated_workflows:<raw_id>` from `transcribed_workflows:<raw_id>`;
- `seed_workflows:<workflow_id>` from `annotated_workflows:<raw_id>`, once for every collected row with that
  workflow id: an exact duplicate that was dropped holds the same content, so erasing its source concerns the
  seed as well. Superseded versions and near duplicates are no parents: the seed does not contain them;
- `generated_workflows:<query_id>` from `expanded_queries:<query_id>`, and from `seed_workflows:<workflow_id>`
  if the retrieval annotator adapted that workflow;
- `confirmed_workflows:<sample_id>` from `generated_workflows:<query_id>`;
- `workflowbench:<sample_id>` from `seed_workflows:<workflow_id>` or `confirmed_workflows:<sample_id>`.

The edges of kind `prompted` say that the parent was an in-context example: `expanded_queries` and
`generated_workflows` from `seed_workflows`. The edges of kind `weights` say that a model saw the parent in
training: a row from `model:<name>`, which comes from each row that it was trained on.
"""

from collections.abc import Iterable

import polars as pl

from workflowbench.tables import (
    ANNOTATED_WORKFLOWS,
    CONFIRMED_WORKFLOWS,
    EXPANDED_QUERIES,
    GENERATED_WORKFLOWS,
    LINEAGE,
    RAW_SHORTCUTS,
    SEED_WORKFLOWS,
    TRANSCRIBED_WORKFLOWS,
    WORKFLOWBENCH,
    Table,
)

KINDS = ("content", "prompted", "weights")
"""Kinds of edges, the strongest first."""

DERIVATION = KINDS[:2]
"""Kinds of edges that carry what a row says into the rows made of it."""

RETRIEVAL = "retrieval"
"""The annotator that adapts its example instead of reading it as one."""

_MODEL = "model"


def node(table: Table, key: str) -> str:
    """Return the id of a row in the lineage, e.g. `raw_shortcuts:9f86...`."""
    return f"{table.name}:{key}"


def collected_lineage(
    transcribed: pl.DataFrame, annotated: pl.DataFrame, seeds: pl.DataFrame
) -> pl.DataFrame:
    """Return the edges from `raw_shortcuts` to `seed_workflows`: rows of `lineage`."""
    held = annotated.join(seeds, on="workflow_id", how="semi")
    return pl.concat(
        [
            _edges(transcribed, TRANSCRIBED_WORKFLOWS, "raw_id", RAW_SHORTCUTS, "raw_id"),
            _edges(annotated, ANNOTATED_WORKFLOWS, "raw_id", TRANSCRIBED_WORKFLOWS, "raw_id"),
            _edges(held, SEED_WORKFLOWS, "workflow_id", ANNOTATED_WORKFLOWS, "raw_id"),
        ]
    )


def synthetic_lineage(
    queries: pl.DataFrame, generated: pl.DataFrame, confirmed: pl.DataFrame
) -> pl.DataFrame:
    """Return the edges from `seed_workflows` to `confirmed_workflows`: rows of `lineage`."""
    shown_to_writer = queries.explode("examples").drop_nulls("examples")
    shown = generated.explode("examples").drop_nulls("examples")
    is_adapted = pl.col("annotator").str.starts_with(RETRIEVAL)
    examples = (EXPANDED_QUERIES, "query_id", SEED_WORKFLOWS, "examples")
    return pl.concat(
        [
            _edges(shown_to_writer, *examples, kind="prompted"),
            _edges(generated, GENERATED_WORKFLOWS, "query_id", EXPANDED_QUERIES, "query_id"),
            _edges(shown.filter(is_adapted), GENERATED_WORKFLOWS, *examples[1:]),
            _edges(shown.filter(~is_adapted), GENERATED_WORKFLOWS, *examples[1:], kind="prompted"),
            _edges(confirmed, CONFIRMED_WORKFLOWS, "sample_id", GENERATED_WORKFLOWS, "query_id"),
        ]
    )


def sample_lineage(samples: pl.DataFrame) -> pl.DataFrame:
    """Return the edge of each sample to the workflow that it is: rows of `lineage`."""
    is_collected = pl.col("origin") == "collected"
    return pl.concat(
        [
            _edges(samples.filter(is_collected), WORKFLOWBENCH, "sample_id", SEED_WORKFLOWS, "workflow_id"),
            _edges(
                samples.filter(~is_collected), WORKFLOWBENCH, "sample_id", CONFIRMED_WORKFLOWS, "sample_id"
            ),
        ]
    )


def weights_lineage(model: str, written: Iterable[str], trained_on: Iterable[str]) -> pl.DataFrame:
    """Return the edges of a trained model, which is a node itself: as many edges as rows, not their product.

    Args:
        model: Name and revision of the model.
        written: Nodes of the rows that it wrote.
        trained_on: Nodes of the rows that it was trained on.

    Returns:
        Rows of `lineage`, of kind `weights`.
    """
    name = f"{_MODEL}:{model}"
    edges = [(row, name) for row in written] + [(name, row) for row in trained_on]
    return LINEAGE.frame(
        {"child_id": child, "parent_id": parent, "kind": "weights", "stage": child.partition(":")[0]}
        for child, parent in edges
    )


def united(*edges: pl.DataFrame) -> pl.DataFrame:
    """Return the edges of all parts, each once, as the table `lineage`, sorted by key."""
    return pl.concat(edges).unique().sort(LINEAGE.key)


def ancestors(lineage: pl.DataFrame, ids: Iterable[str]) -> set[str]:
    """Return every row that `ids` came from, in any number of steps, without `ids` themselves."""
    return _closure(lineage, set(ids), "child_id", "parent_id")


def descendants(lineage: pl.DataFrame, ids: Iterable[str]) -> set[str]:
    """Return every row that came from `ids`, in any number of steps, without `ids` themselves."""
    return _closure(lineage, set(ids), "parent_id", "child_id")


def descendants_by_kind(lineage: pl.DataFrame, ids: Iterable[str]) -> dict[str, set[str]]:
    """Return what came from `ids`, by the weakest kind of edge that is needed to get there.

    `content` rows contain them; `prompted` rows were written in sight of them or of their content; `weights`
    rows were written by a model that saw any of these.
    """
    start, found, by_kind = set(ids), set[str](), dict[str, set[str]]()
    for number, kind in enumerate(KINDS, start=1):
        reached = descendants(of_kinds(lineage, *KINDS[:number]), start)
        by_kind[kind] = reached - found
        found |= reached
    return by_kind


def of_kinds(lineage: pl.DataFrame, *kinds: str) -> pl.DataFrame:
    """Return the edges of some kinds."""
    return lineage.filter(pl.col("kind").is_in(kinds))


def _edges(
    rows: pl.DataFrame,
    child: Table,
    child_key: str,
    parent: Table,
    parent_key: str,
    kind: str = "content",
) -> pl.DataFrame:
    return rows.select(
        child_id=pl.format(f"{child.name}:{{}}", child_key),
        parent_id=pl.format(f"{parent.name}:{{}}", parent_key),
        kind=pl.lit(kind),
        stage=pl.lit(child.name),
    )


def _closure(lineage: pl.DataFrame, start: set[str], origin: str, target: str) -> set[str]:
    found: set[str] = set()
    frontier = start
    while frontier:
        step = lineage.filter(pl.col(origin).is_in(list(frontier)))
        frontier = set(step[target].to_list()) - found - start
        found |= frontier
    return found
