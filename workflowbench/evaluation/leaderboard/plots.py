"""Plots of the leaderboard as PNG files: CodeBLEU of all models, and Figure 5."""

import math
from collections.abc import Sequence
from io import BytesIO
from itertools import cycle

import polars as pl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from workflowbench.evaluation.leaderboard.complexity import AXES, bin_labels
from workflowbench.evaluation.leaderboard.rows import MEASURED

SETTINGS = {"id": "Unseen instructions (ID)", "ood": "Unseen APIs (OOD)"}
"""Settings and their headings."""

# The palette of Okabe and Ito, which colour-blind readers tell apart, with markers beside it.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#000000")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_INK = "#1f2328"
_MUTED = "#6e7781"
_DPI = 100
_PANEL_INCHES = (4.0, 3.2)
_ROW_INCHES = 0.3


def plot_overall(leaderboard: pl.DataFrame) -> bytes:
    """Draw CodeBLEU of each model, best first, with intervals; published rows in grey: a PNG file.

    Args:
        leaderboard: Rows of `leaderboard`.

    """
    figures = leaderboard.filter(pl.col("measure") == "codebleu")
    tallest = max(figures.filter(setting=setting).height for setting in SETTINGS)
    figure = Figure(figsize=(11, 1.2 + _ROW_INCHES * tallest), dpi=_DPI, layout="constrained")
    for axes, (setting, title) in zip(figure.subplots(1, 2, sharex=True), SETTINGS.items(), strict=True):
        rows = figures.filter(setting=setting).sort("value", "model", descending=[False, True])
        for place, row in enumerate(rows.iter_rows(named=True)):
            colour = _COLOURS[0] if row["origin"] == MEASURED else _MUTED
            axes.plot(100 * row["value"], place, "o" if row["origin"] == MEASURED else "|", color=colour)
            if row["low"] is not None:
                axes.hlines(place, 100 * row["low"], 100 * row["high"], color=colour, linewidth=2)
        labels = [_plain(f"{row['model']} ({row['origin']})") for row in rows.iter_rows(named=True)]
        axes.set_xlim(left=0)
        axes.set_yticks(range(rows.height), labels, fontsize=8)
        _finish(axes, f"{title}: CodeBLEU, %")
    return _png(figure)


def plot_complexity(complexity: pl.DataFrame) -> bytes:
    """Draw CodeBLEU over the complexity of the reference, one row of panels per setting: a PNG file.

    Args:
        complexity: Rows of `complexity_scores`.

    Raises:
        ValueError: There is no row.

    """
    settings = [setting for setting in SETTINGS if setting in complexity["setting"]]
    if not settings:
        raise ValueError("there are no scores to draw")
    models = sorted(complexity["model"].unique())
    width, height = _PANEL_INCHES
    size = (width * len(AXES), height * len(settings) + 0.3 * len(models) / 3)
    figure = Figure(figsize=size, dpi=_DPI, layout="constrained")
    grid = figure.subplots(len(settings), len(AXES), squeeze=False)
    for row, setting in zip(grid, settings, strict=True):
        for axes, axis in zip(row, AXES, strict=True):
            _draw_axis(axes, axis, complexity.filter(setting=setting, axis=axis), models)
            _finish(axes, f"{SETTINGS[setting]}\nCodeBLEU, %, by {AXES[axis]}")
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    return _png(figure)


def _draw_axis(axes: Axes, axis: str, points: pl.DataFrame, models: Sequence[str]) -> None:
    """Draw a line for each model; a bin without samples is a gap."""
    labels = bin_labels(axis)
    for model, colour, marker in zip(models, cycle(_COLOURS), cycle(_MARKERS), strict=False):
        known = {row["position"]: row for row in points.filter(model=model).iter_rows(named=True)}
        values, lows, highs = (
            [_percent(known[place][part]) if place in known else math.nan for place in range(len(labels))]
            for part in ("value", "low", "high")
        )
        places = range(len(labels))
        axes.plot(places, values, marker=marker, color=colour, label=_plain(model), markersize=5)
        axes.fill_between(places, lows, highs, color=colour, alpha=0.15, linewidth=0)
    axes.set_xticks(range(len(labels)), labels, fontsize=8, rotation=30)
    axes.set_ylim(0, 100)


def _finish(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=10, loc="left", color=_INK)
    axes.tick_params(length=0, colors=_INK, labelsize=8)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def _percent(share: float | None) -> float:
    return math.nan if share is None else 100 * share


def _plain(name: str) -> str:
    """A name of a model, which is no formula whatever signs it holds."""
    return name.replace("$", r"\$")


def _png(figure: Figure) -> bytes:
    """Render without a time stamp or a version, so that equal figures are equal bytes."""
    buffer = BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
