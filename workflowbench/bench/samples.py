"""Samples of WorkflowBench: collected workflows that pass the rules of the paper, and synthetic ones."""

import ast

import polars as pl

from workflowbench.bench.merging import merged_synthetic
from workflowbench.tables import WORKFLOWBENCH, WORKFLOWBENCH_DROPPED

LONGEST_BYTES = 64
"""Bytes that one literal may hold before it counts as data that no reader can interpret."""


def workflowbench_samples(
    seeds: pl.DataFrame,
    confirmed: pl.DataFrame,
    *,
    threshold: float = 0.8,
    query_threshold: float = 0.7,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make a sample of each seed and each confirmed workflow that passes the rules.

    Rules of the paper, each named in the dropped row: `no_action` (the program calls no API),
    `does_not_parse` (Python's parser refuses it) and `binary_literal` (a bytes literal of more than
    `LONGEST_BYTES` bytes). A synthetic row is also dropped if it repeats another: see `merging`.

    Args:
        seeds: Rows of `seed_workflows`.
        confirmed: Rows of `confirmed_workflows`.
        threshold: Jaccard similarity of token shingles from which a synthetic workflow is a near duplicate.
        query_threshold: Jaccard similarity of word shingles from which its query is one.

    Returns:
        Rows of `workflowbench` and of `workflowbench_dropped`, each sorted by key.
    """
    faulty = WORKFLOWBENCH_DROPPED.frame(
        [*_faults(seeds, "workflow_id", "title"), *_faults(confirmed, "sample_id", None)]
    )
    collected = _collected(seeds.join(faulty, left_on="workflow_id", right_on="row_id", how="anti"))
    sound = confirmed.join(faulty, left_on="sample_id", right_on="row_id", how="anti")
    synthetic, repeated = merged_synthetic(
        collected, seeds, sound, threshold=threshold, query_threshold=query_threshold
    )
    return (
        pl.concat([collected, synthetic]).sort(WORKFLOWBENCH.key),
        pl.concat([faulty, repeated]).sort(WORKFLOWBENCH_DROPPED.key),
    )


def _collected(seeds: pl.DataFrame) -> pl.DataFrame:
    samples = seeds.with_columns(
        sample_id="workflow_id",
        origin=pl.lit("collected"),
        query_id=pl.lit(None, pl.String),
        pool=pl.lit(None, pl.String),
        given_apis="apis",
    )
    return samples.select(WORKFLOWBENCH.schema.names())


def _faults(rows: pl.DataFrame, key: str, title: str | None) -> list[dict[str, object]]:
    return [
        {"row_id": row[key], "title": row[title] if title else None, "stage": WORKFLOWBENCH.name, **reason}
        for row in rows.iter_rows(named=True)
        if (reason := _fault(row["n_actions"], row["code"]))
    ]


def _fault(n_actions: int, code: str) -> dict[str, object] | None:
    """Return the first rule that a program fails, with what was found."""
    if n_actions == 0:
        return {"rule": "no_action", "detail": "The workflow has no action."}
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError) as error:
        return {"rule": "does_not_parse", "detail": f"Python's parser refuses the program: {error}."}
    longest = max(map(_bytes_held, ast.walk(tree)), default=0)
    if longest > LONGEST_BYTES:
        return {
            "rule": "binary_literal",
            "detail": "A parameter holds binary data that no reader can interpret.",
            "threshold": float(LONGEST_BYTES),
            "observed": float(longest),
        }
    return None


def _bytes_held(node: ast.AST) -> int:
    return len(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, bytes) else 0
