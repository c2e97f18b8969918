"""The figures of a scored set, with confidence intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflowbench.evaluation.codebleu.matches import Matches
from workflowbench.evaluation.codebleu.modes import Mode
from workflowbench.evaluation.codebleu.pair_scoring import ScoredPair
from workflowbench.evaluation.codebleu.scoring import PAPER_WEIGHTS, Score, Weights, score, weighted_mean

PARTS = ("ngram", "weighted_ngram", "syntax", "dataflow", "codebleu")
N_RESAMPLES = 1_000
_SEED = 20_241
_LEVEL = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a set and the 95 % percentile bootstrap interval, over resampled pairs.

    Attributes:
        name: `mean_<part>` is the mean over pairs; `codebleu_from_means` is the weighted sum of the mean
            parts, as in the tables of WorkflowLLM; `corpus_<part>` is that of all pairs as one text.
        value: The figure.
        low: Lower end of the interval.
        high: Upper end of the interval.

    """

    name: str
    value: float
    low: float
    high: float


def summarise(rows: Sequence[ScoredPair], mode: Mode, weights: Weights = PAPER_WEIGHTS) -> list[Figure]:
    """The figures of the pairs that have a score; the order of the rows does not matter.

    Raises:
        ValueError: No pair has a score.

    """
    scored = sorted((row for row in rows if row.score is not None), key=lambda row: row.pair_id)
    if not scored:
        raise ValueError("no pair has a score")
    parts = np.array([_parts(row.score) for row in scored if row.score])
    sums = np.array([row.matches.flat() for row in scored if row.matches])
    generator = np.random.default_rng(_SEED)
    equal = np.full(len(scored), 1 / len(scored))
    draws = (generator.multinomial(len(scored), equal) for _ in range(N_RESAMPLES))
    values = _figures(parts, sums, np.ones(len(scored)), mode, weights)
    resampled = [_figures(parts, sums, draw, mode, weights) for draw in draws]
    figures = []
    for name, value in values.items():
        low, high = np.nanpercentile([figures[name] for figures in resampled], _LEVEL)
        figures.append(Figure(name, value, float(low), float(high)))
    return [figure for figure in figures if not np.isnan(figure.value)]


def _parts(score: Score) -> list[float]:
    """The parts in the order of `PARTS`; a data flow that there is none of is NaN."""
    flow = np.nan if score.dataflow is None else score.dataflow
    return [score.ngram, score.weighted_ngram, score.syntax, flow, score.codebleu]


def _figures(
    parts: NDArray[np.float64],
    sums: NDArray[np.float64],
    draw: NDArray[np.integer[Any] | np.float64],
    mode: Mode,
    weights: Weights,
) -> dict[str, float]:
    """The figures of pairs of which each counts as often as it was drawn."""
    known = ~np.isnan(parts)
    with np.errstate(invalid="ignore"):
        means = (draw @ np.where(known, parts, 0)) / (draw @ known)
    total = score(Matches.from_flat((draw @ sums).tolist()), mode, weights)
    mean_parts = [None if np.isnan(mean) else float(mean) for mean in means[:4]]
    return {
        **{f"mean_{part}": float(mean) for part, mean in zip(PARTS, means, strict=True)},
        "codebleu_from_means": weighted_mean(mean_parts, weights),
        **{f"corpus_{part}": value for part, value in zip(PARTS, _parts(total), strict=True)},
    }
