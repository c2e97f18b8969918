"""The picture of the funnel."""

import io

import matplotlib.image
import pytest

from workflowbench.quality.plots import plot_funnel
from workflowbench.tables import QUALITY_FUNNEL

ROWS = [
    {"stage": "format", "rule": "does_not_parse", "n_in": 10, "n_found": 4, "n_dropped": 4, "n_out": 6},
    {"stage": "symbolic", "rule": "wrong_type", "n_in": 6, "n_found": 1, "n_dropped": 1, "n_out": 5},
    {"stage": "semantic", "rule": "skipped", "n_in": 5, "n_found": 0, "n_dropped": 0, "n_out": 5},
    {"stage": "duplicate", "rule": "none", "n_in": 5, "n_found": 0, "n_dropped": 0, "n_out": 5},
]


def _funnel(*annotators):
    return QUALITY_FUNNEL.frame(
        {"annotator": annotator, "category": category, "step": step, **row}
        for annotator in annotators
        for category in ("Books", "Utilities")
        for step, row in enumerate(ROWS, start=1)
    )


@pytest.mark.parametrize("annotators", [(), ("retrieval",), ("a", "b", "c")])
def test_the_picture_is_as_wide_as_promised_and_higher_with_each_annotator(annotators):
    picture = matplotlib.image.imread(io.BytesIO(plot_funnel(_funnel(*annotators))))
    assert picture.shape[1] == 1100
    assert picture.shape[0] == 360 * max(len(annotators), 1)


def test_equal_funnels_are_equal_bytes():
    assert plot_funnel(_funnel("a")) == plot_funnel(_funnel("a"))
