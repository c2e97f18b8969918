"""CodeBLEU by how complex the reference is, as in Figure 5 of the paper; its exact bins are not printed."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import polars as pl

from workflowbench.evaluation.leaderboard.rows import codebleu_from_means
from workflowbench.tables import COMPLEXITY_SCORES

AXES: Mapping[str, str] = {
    "n_actions": "actions of the reference",
    "n_branches_loops": "branches and loops of the reference",
    "nesting_depth": "nesting depth of the reference",
}
"""What is counted, by column of `scores`."""

EDGES: Mapping[str, Sequence[int]] = {
    "n_actions": (0, 15, 30, 45, 60, 75, 90, 105),
    "n_branches_loops": (0, 1, 3, 6, 12, 24),
    "nesting_depth": (0, 1, 2, 3, 4),
}
"""Lower bounds of the bins; the last one has no upper bound."""


def complexity_scores(scores: pl.DataFrame) -> pl.DataFrame:
    """CodeBLEU from mean parts in each bin of each axis that has samples.

    Args:
        scores: Rows of `scores`.

    Returns:
        Rows of `complexity_scores`, sorted by key.

    """
    groups = scores.sort("model", "setting", "sample_id").group_by("model", "setting", maintain_order=True)
    rows = (
        {"model": model, "setting": setting, "axis": axis, **row}
        for (model, setting), group in groups
        for axis in AXES
        for row in _bins(axis, group)
    )
    return COMPLEXITY_SCORES.frame(rows).sort(COMPLEXITY_SCORES.key)


def bin_labels(axis: str) -> list[str]:
    """The bins of an axis, from low to high."""
    edges = EDGES[axis]
    closed = [str(low) if high == low + 1 else f"{low}-{high}" for low, high in pairwise(edges)]
    return [*closed, f"{edges[-1]} or more"]


def _bins(axis: str, scores: pl.DataFrame) -> Iterator[dict[str, Any]]:
    for position, label in enumerate(bin_labels(axis)):
        low, *rest = EDGES[axis][position : position + 2]
        within = pl.col(axis) >= low
        if rest:
            within &= pl.col(axis) < rest[0]
        estimate = codebleu_from_means(scores.filter(within))
        if estimate:
            yield {"bin": label, "position": position, **estimate.columns()}
