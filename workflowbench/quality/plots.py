"""The funnel as a picture: what is left after each stage, and which rules dropped the rest."""

from io import BytesIO
from typing import get_args

import polars as pl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from workflowbench.quality.findings import RULES, Stage
from workflowbench.quality.funnel import SKIPPED

# Blue and orange of Okabe and Ito's palette, which colour-blind readers tell apart.
_LEFT, _DROPPED = "#0072B2", "#E69F00"
_INK = "#1f2328"
_MOST_RULES = 10
_FEWEST_PLACES = 5
_WIDTH, _PART_HEIGHT = 11.0, 3.6
_DPI = 100

_Bar = tuple[str, int, str]
"""Label, length and figure beside it."""


def plot_funnel(funnel: pl.DataFrame) -> bytes:
    """Draw the funnel of each annotator, all categories together: a PNG file, 1100 pixels wide.

    Args:
        funnel: Rows of `quality_funnel`.

    """
    annotators = funnel["annotator"].unique().sort().to_list()
    figure = Figure(figsize=(_WIDTH, _PART_HEIGHT * max(len(annotators), 1)), dpi=_DPI)
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.12)
    axes = figure.subplots(max(len(annotators), 1), 2, squeeze=False)
    if not annotators:
        _draw(axes[0, 0], "No workflows", [], _LEFT)
        _draw(axes[0, 1], "No rule dropped any", [], _DROPPED)
    for (left, right), annotator in zip(axes, annotators, strict=False):
        rows = funnel.filter(annotator=annotator)
        _draw(left, f"{annotator}: workflows left after each stage", _left_after(rows), _LEFT)
        drops = _drops(rows)
        _draw(right, "dropped, by rule" if drops else "no rule dropped any", drops, _DROPPED)
    return _png(figure)


def _left_after(rows: pl.DataFrame) -> list[_Bar]:
    """Workflows that came in, and those left after each stage."""
    steps = rows.sort("category", "step").group_by("category", "stage", maintain_order=True)
    left = dict(steps.agg(pl.col("n_out").last()).group_by("stage").agg(pl.col("n_out").sum()).iter_rows())
    skipped = set(rows.filter(rule=SKIPPED)["stage"])
    came_in = int(rows.filter(step=1)["n_in"].sum())
    bars = [("generated", came_in)]
    bars += [(f"{stage} (skipped)" if stage in skipped else stage, left[stage]) for stage in get_args(Stage)]
    return [(label, width, f"{width:,} ({width / came_in:.1%})") for label, width in bars]


def _drops(rows: pl.DataFrame) -> list[_Bar]:
    """Rules that dropped most, the greatest first and those alike in their order of application."""
    totals = dict(rows.group_by("rule").agg(pl.col("n_dropped").sum()).iter_rows())
    dropping = [(rule, totals[rule], f"{totals[rule]:,}") for rule in RULES if totals.get(rule)]
    return sorted(dropping, key=lambda bar: -bar[1])[:_MOST_RULES]


def _draw(axes: Axes, title: str, bars: list[_Bar], colour: str) -> None:
    """Draw horizontal bars, the first one on top."""
    drawn = axes.barh(range(len(bars)), [width for _, width, _ in bars], 0.7, color=colour)
    axes.bar_label(drawn, [figure for _, _, figure in bars], fontsize=9, padding=3, color=_INK)
    axes.set_yticks(range(len(bars)), [label for label, _, _ in bars], fontsize=10)
    axes.tick_params(length=0, colors=_INK)
    axes.set_ylim(max(len(bars), _FEWEST_PLACES) - 0.5, -0.5)
    axes.margins(x=0.25)
    axes.xaxis.set_visible(False)
    axes.set_title(title, fontsize=11, loc="left", color=_INK, parse_math=False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def _png(figure: Figure) -> bytes:
    """Render without a time stamp or a version, so that equal figures are equal bytes."""
    buffer = BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
