"""Lineage: which row came from which, and the closure of a row in both directions.

A node is a row of a table, written `<table>:<key>`, since a transcription shares its `raw_id` with the row it
came from. The edges of kind `content` say that the child contains the parent:

- `transcribed_workflows:<raw_id>` from `raw_shortcuts:<raw_id>`;
- `annotated_workflows:<raw_id>` from `transcribed_workflows:<raw_id>`;
- `seed_workflows:<workflow_id>` from `annotated_workflows:<raw_id>`, once for every collected row with that
  workflow id: an exact duplicate that was dropped holds the same content, so erasing its source concerns the
  seed as well. Superseded versions and near duplicates are no parents: the seed does not contain them;
- `workflowbench:<sample_id>` from `seed_workflows:<workflow_id>`.
"""

from collections.abc import Iterable

import polars as pl

from workflowbench.tables import (
    ANNOTATED_WORKFLOWS,
    LINEAGE,
    RAW_SHORTCUTS,
    SEED_WORKFLOWS,
    TRANSCRIBED_WORKFLOWS,
    WORKFLOWBENCH,
    Table,
)


def node(table: Table, key: str) -> str:
    """Return the id of a row in the lineage, e.g. `raw_shortcuts:9f86...`."""
    return f"{table.name}:{key}"


def content_lineage(
    transcribed: pl.DataFrame, annotated: pl.DataFrame, seeds: pl.DataFrame, samples: pl.DataFrame
) -> pl.DataFrame:
    """Collect the `content` edges of all collected rows.

    Args:
        transcribed: Rows of `transcribed_workflows`.
        annotated: Rows of `annotated_workflows`.
        seeds: Rows of `seed_workflows`.
        samples: Rows of `workflowbench`; those of origin `collected` have a seed.

    Returns:
        Rows of `lineage`, sorted by key.
    """
    held = annotated.join(seeds, on="workflow_id", how="semi")
    collected = samples.filter(pl.col("origin") == "collected")
    edges = [
        _edges(transcribed, TRANSCRIBED_WORKFLOWS, "raw_id", RAW_SHORTCUTS, "raw_id"),
        _edges(annotated, ANNOTATED_WORKFLOWS, "raw_id", TRANSCRIBED_WORKFLOWS, "raw_id"),
        _edges(held, SEED_WORKFLOWS, "workflow_id", ANNOTATED_WORKFLOWS, "raw_id"),
        _edges(collected, WORKFLOWBENCH, "sample_id", SEED_WORKFLOWS, "sample_id"),
    ]
    return pl.concat(edges).unique().sort(LINEAGE.key)


def ancestors(lineage: pl.DataFrame, ids: Iterable[str]) -> set[str]:
    """Return every row that `ids` came from, in any number of steps, without `ids` themselves."""
    return _closure(lineage, set(ids), "child_id", "parent_id")


def descendants(lineage: pl.DataFrame, ids: Iterable[str]) -> set[str]:
    """Return every row that came from `ids`, in any number of steps, without `ids` themselves."""
    return _closure(lineage, set(ids), "parent_id", "child_id")


def _edges(rows: pl.DataFrame, child: Table, child_key: str, parent: Table, parent_key: str) -> pl.DataFrame:
    return rows.select(
        child_id=pl.format(f"{child.name}:{{}}", child_key),
        parent_id=pl.format(f"{parent.name}:{{}}", parent_key),
        kind=pl.lit("content"),
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
