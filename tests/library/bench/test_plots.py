from collections.abc import Callable
from io import BytesIO

import polars as pl
import pytest
from matplotlib.image import imread

from workflowbench.bench import plots
from workflowbench.bench.plots import plot_distributions
from workflowbench.bench.published import APPS
from workflowbench.bench.samples import workflowbench_samples
from workflowbench.bench.statistics import dataset_statistics
from workflowbench.tables import CONFIRMED_WORKFLOWS, SPLITS

Seeds = Callable[..., pl.DataFrame]
DIALOG_PIXELS = 1100


def statistics(seeds: pl.DataFrame) -> pl.DataFrame:
    samples, _ = workflowbench_samples(seeds, CONFIRMED_WORKFLOWS.frame())
    return dataset_statistics(seeds, samples, SPLITS.frame())


def with_synthetic(table: pl.DataFrame) -> pl.DataFrame:
    is_synthetic = pl.col("subset") == "synthetic"
    return table.with_columns(value=pl.when(is_synthetic).then(8.0).otherwise("value"))


def size(png: bytes) -> tuple[int, int]:
    height, width, _ = imread(BytesIO(png)).shape
    return width, height


def drawn(table: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every text of the picture."""
    texts: list[str] = []
    monkeypatch.setattr(plots, "_png", lambda figure: texts.extend(_texts(figure)) or b"")
    plot_distributions(table)
    return "\n".join(texts)


def _texts(figure):
    return [text.get_text() for text in figure.findobj(match=lambda artist: hasattr(artist, "get_text"))]


def test_the_picture_fits_the_dialog_of_the_user_interface(seeds: Seeds):
    assert size(plot_distributions(statistics(seeds({}))))[0] == DIALOG_PIXELS


def test_the_synthetic_part_is_drawn_only_where_there_is_one(seeds: Seeds):
    collected = statistics(seeds({}))
    width, height = size(plot_distributions(collected))
    assert size(plot_distributions(with_synthetic(collected))) == (width, 2 * height)


def test_equal_figures_are_equal_bytes(seeds: Seeds):
    table = statistics(seeds({}))
    assert plot_distributions(table) == plot_distributions(table)


def test_apps_have_names_for_people(seeds: Seeds, monkeypatch: pytest.MonkeyPatch):
    text = drawn(with_synthetic(statistics(seeds({}))), monkeypatch)
    assert "Data Jar" in text
    assert not [app for app in APPS if "_" in app and app in text]


def test_a_category_that_nobody_has_is_left_out(seeds: Seeds, monkeypatch: pytest.MonkeyPatch):
    assert "Uncategorised" not in drawn(statistics(seeds({"category": "Games"})), monkeypatch)
    assert "Uncategorised" in drawn(statistics(seeds({"category": "Uncategorised"})), monkeypatch)


def test_an_empty_side_is_named(seeds: Seeds, monkeypatch: pytest.MonkeyPatch):
    assert "none in this dataset" in drawn(statistics(seeds()), monkeypatch)
    assert "no exact figures from the paper" in drawn(with_synthetic(statistics(seeds({}))), monkeypatch)
