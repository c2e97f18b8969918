"""Confidence intervals of shares and means, at 95 %."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

N_RESAMPLES: Final = 1_000
"""Resamples of a bootstrap interval."""

_SEED = 20_241
_LEVEL = (2.5, 97.5)
_NORMAL_QUANTILE = 1.959963984540054

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval.

    Attributes:
        value: The figure.
        low: Lower end of the 95 % interval.
        high: Upper end.
        n: Observations behind it.

    """

    value: float
    low: float
    high: float
    n: int

    def columns(self) -> dict[str, float | None]:
        """The figure as columns of a table; resamples of one observation are all alike and say nothing."""
        known = self.n > 1
        return {
            "value": self.value,
            "low": self.low if known else None,
            "high": self.high if known else None,
            "n": self.n,
        }


def wilson(n_hits: int, n: int) -> Estimate | None:
    """A share and its Wilson score interval, which holds for small numbers too; None without observations."""
    if not n:
        return None
    share, z = n_hits / n, _NORMAL_QUANTILE
    middle = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return Estimate(share, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale), n)


def bootstrap(figure: Callable[..., float], *samples: Values) -> Estimate | None:
    """A figure of samples and its percentile bootstrap interval; None where it is NaN.

    Args:
        figure: Computes the figure from the samples; a resample for which it is NaN is left out.
        samples: One row per observation; each sample is resampled on its own. The first one is counted.

    """
    value = figure(*samples)
    if math.isnan(value):
        return None
    generator = np.random.default_rng(_SEED)
    drawn = [
        figure(*(rows[generator.integers(0, len(rows), len(rows))] for rows in samples))
        for _ in range(N_RESAMPLES)
    ]
    return _estimate(value, np.array(drawn), len(samples[0]))


def mean_interval(values: Values, weights: Values | None = None) -> Estimate | None:
    """The mean of values, or the weighted sum of the means of their columns, with its bootstrap interval.

    Args:
        values: Numbers, or one row of parts per observation; NaN is a part that there is not.
        weights: Weight of each column; parts without any value take no part in the weighted mean.

    """
    table = values[:, None] if values.ndim == 1 else values
    columns = np.ones(table.shape[1]) if weights is None else weights
    known = ~np.isnan(table)
    if not known.any():
        return None
    n = len(table)
    filled = np.where(known, table, 0)
    draws = np.random.default_rng(_SEED).multinomial(n, np.full(n, 1 / n), N_RESAMPLES).astype(np.float64)
    drawn = _weighted_means(draws @ filled, draws @ known, columns)
    value = _weighted_means(filled.sum(axis=0)[None], known.sum(axis=0)[None], columns)[0]
    return _estimate(float(value), drawn, int(known.any(axis=1).sum()))


def _weighted_means(sums: Values, counts: Values, weights: Values) -> Values:
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sums / counts
    share = np.where(np.isnan(means), 0, weights)
    with np.errstate(invalid="ignore"):
        return np.asarray((np.nan_to_num(means) * share).sum(axis=1) / share.sum(axis=1))


def _estimate(value: float, drawn: Values, n: int) -> Estimate:
    known = drawn[~np.isnan(drawn)]
    low, high = np.percentile(known, _LEVEL) if len(known) else (math.nan, math.nan)
    return Estimate(value, float(low), float(high), n)
