"""The distributions of Figure 4 as one picture: ours beside the paper's."""

from collections.abc import Mapping, Sequence
from io import BytesIO

import polars as pl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from workflowbench.bench.published import ACTIONS, APPS, CATEGORIES
from workflowbench.thoughts.offline import UNCATEGORISED

# Blue and orange of Okabe and Ito's palette, which colour-blind readers tell apart.
_OURS, _PAPERS = "#0072B2", "#E69F00"
_COLUMNS: Mapping[str, tuple[str, Sequence[str]]] = {
    "figure_4_actions": ("Actions per workflow", list(ACTIONS)),
    "figure_4_categories": ("Category", [*CATEGORIES, UNCATEGORISED]),
    "figure_4_apps": ("App of the APIs used", list(APPS)),
}
_ROWS = {"seed": "collected", "synthetic": "synthetic"}
_SIZE_INCHES = (15.0, 11.0)
_DPI = 110
_BAR = 0.4


def plot_distributions(statistics: pl.DataFrame) -> bytes:
    """Draw the six distributions of `statistics` as horizontal bars: a PNG file.

    The upper row is the collected, the lower row the synthetic part. A distribution that is empty on one
    side shows the other alone.

    Args:
        statistics: Rows of `statistics`.
    """
    figure = Figure(figsize=_SIZE_INCHES, dpi=_DPI, layout="constrained")
    grid = figure.subplots(len(_ROWS), len(_COLUMNS))
    for row, (subset, label) in enumerate(_ROWS.items()):
        for column, (name, (title, bins)) in enumerate(_COLUMNS.items()):
            figures = statistics.filter((pl.col("figure") == name) & (pl.col("subset") == subset))
            _draw(grid[row, column], f"{title}, {label}", figures, bins)
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False)
    figure.supxlabel("percent", fontsize=10)
    return _png(figure)


def _draw(axes: Axes, title: str, figures: pl.DataFrame, bins: Sequence[str]) -> None:
    """Draw one distribution, the first bin on top."""
    by_bin = {row["measure"]: row for row in figures.iter_rows(named=True)}
    sides = (("this dataset", "value", _OURS, -_BAR / 2), ("paper", "paper_value", _PAPERS, _BAR / 2))
    for label, column, colour, offset in sides:
        widths = [by_bin.get(name, {}).get(column) or 0.0 for name in bins]
        bars = axes.barh(
            [number + offset for number in range(len(bins))], widths, _BAR, color=colour, label=label
        )
        axes.bar_label(bars, [f"{width:.1f}" if width else "" for width in widths], fontsize=6, padding=2)
    axes.set_yticks(range(len(bins)), bins, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.margins(x=0.1)
    axes.set_title(f"{title}{_missing(figures)}", fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", linewidth=0.4, alpha=0.6)
    axes.set_axisbelow(True)


def _missing(figures: pl.DataFrame) -> str:
    """Say which side of a distribution is empty."""
    ours, papers = (figures[side].null_count() == figures.height for side in ("value", "paper_value"))
    notes = [
        *(["none in this dataset"] if ours else []),
        *(["no exact figures from the paper"] if papers else []),
    ]
    return f"\n({'; '.join(notes)})" if notes else ""


def _png(figure: Figure) -> bytes:
    """Render without a time stamp or a version, so that equal figures are equal bytes."""
    buffer = BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
