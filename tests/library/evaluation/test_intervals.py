"""Confidence intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.evaluation.intervals import mean_interval, wilson


def test_the_wilson_interval_is_that_of_the_formula() -> None:
    estimate = wilson(268, 330)
    assert estimate is not None
    assert (estimate.value, estimate.n) == (pytest.approx(0.8121, abs=1e-4), 330)
    assert (estimate.low, estimate.high) == (pytest.approx(0.7665, abs=1e-3), pytest.approx(0.8506, abs=1e-3))


def test_no_observations_give_no_share() -> None:
    assert wilson(0, 0) is None


@given(st.integers(1, 500), st.data())
def test_a_share_lies_in_its_interval(n: int, data: st.DataObject) -> None:
    estimate = wilson(data.draw(st.integers(0, n)), n)
    assert estimate is not None
    assert 0 <= estimate.low <= estimate.value + 1e-12
    assert estimate.value - 1e-12 <= estimate.high <= 1


def test_the_interval_of_a_mean_is_about_two_standard_errors_wide() -> None:
    values = np.random.default_rng(1).normal(10, 2, 400)
    estimate = mean_interval(values)
    assert estimate is not None
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.high - estimate.low == pytest.approx(4 * 2 / 20, rel=0.15)


def test_a_weighted_figure_is_the_weighted_sum_of_the_means_of_its_parts() -> None:
    parts = np.array([[0.0, 1.0], [1.0, np.nan]])
    estimate = mean_interval(parts, np.array([0.25, 0.75]))
    assert estimate is not None
    assert (estimate.value, estimate.n) == (pytest.approx(0.25 * 0.5 + 0.75), 2)


def test_parts_without_any_value_give_no_figure() -> None:
    assert mean_interval(np.array([np.nan, np.nan])) is None


def test_an_interval_is_the_same_on_every_run() -> None:
    values = np.arange(50, dtype=np.float64)
    assert mean_interval(values) == mean_interval(values)
