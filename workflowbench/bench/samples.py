"""Samples of WorkflowBench from the seed workflows."""

import ast

import polars as pl

from workflowbench.tables import WORKFLOWBENCH, WORKFLOWBENCH_DROPPED

LONGEST_BYTES = 64
"""Bytes that one literal may hold before it counts as data that no reader can interpret."""


def workflowbench_samples(seeds: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make a collected sample of each seed workflow that passes the rules of the paper.

    Rules, each named in the dropped row: `no_action` (the program calls no API), `does_not_parse` (Python's
    parser refuses it) and `binary_literal` (a bytes literal of more than `LONGEST_BYTES` bytes).

    Args:
        seeds: Rows of `seed_workflows`.

    Returns:
        Rows of `workflowbench` and of `workflowbench_dropped`, each sorted by key.
    """
    dropped = [
        {"row_id": row["workflow_id"], "title": row["title"], "stage": WORKFLOWBENCH.name, **reason}
        for row in seeds.iter_rows(named=True)
        if (reason := _fault(row["n_actions"], row["code"]))
    ]
    drops = WORKFLOWBENCH_DROPPED.frame(dropped).sort(WORKFLOWBENCH_DROPPED.key)
    kept = seeds.join(drops, left_on="workflow_id", right_on="row_id", how="anti")
    samples = kept.with_columns(sample_id="workflow_id", origin=pl.lit("collected"))
    return samples.select(WORKFLOWBENCH.schema.names()).sort(WORKFLOWBENCH.key), drops


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
