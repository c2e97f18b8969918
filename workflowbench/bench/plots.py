"""The distributions of Figure 4 as one picture: ours beside the paper's."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure

from workflowbench.bench.published import ACTIONS, APPS, CATEGORIES
from workflowbench.thoughts.rows import UNCATEGORISED

# Blue and orange of Okabe and Ito's palette, which colour-blind readers tell apart.
_SIDES = (("this dataset", "value", "#0072B2"), ("paper", "paper_value", "#E69F00"))
_PARTS = {"seed": "Collected workflows", "synthetic": "Synthetic workflows"}
_PANELS: Mapping[str, tuple[str, Sequence[str]]] = {
    "figure_4_actions": ("% of workflows, by number of actions", list(ACTIONS)),
    "figure_4_apps": ("% of APIs used, by app", list(APPS)),
    "figure_4_categories": ("% of workflows, by category", [*CATEGORIES, UNCATEGORISED]),
}
_APP_NAMES = {
    "is_workflow_actions": "Shortcuts itself",
    "com_flexibits_fantastical2": "Fantastical",
    "com_omnigroup_OmniFocus3": "OmniFocus",
    "dk_simonbs_DataJar": "Data Jar",
    "com_sindresorhus_Actions": "Actions",
    "net_shinyfrog_bear": "Bear",
    "com_apple_iWork": "iWork",
    "com_apple_Notes": "Notes",
    "com_agiletortoise_Drafts5": "Drafts",
    "app_surfed_app": "Surfed",
    "com_ideasoncanvas_mindnode": "MindNode",
}
_PART_INCHES = (11.0, 8.0)
_DPI = 100
_BAR = 0.4
_INK = "#1f2328"


def plot_distributions(statistics: pl.DataFrame) -> bytes:
    """Draw the distributions of `statistics` as horizontal bars: a PNG file, 1100 pixels wide.

    The collected part, and below it the synthetic part if the dataset has one. A bin that is empty on both
    sides is left out, but for the numbers of actions, which are a scale.

    Args:
        statistics: Rows of `statistics`.
    """
    by_part = {part: statistics.filter(pl.col("subset") == part) for part in _PARTS}
    parts = [part for part, figures in by_part.items() if part == "seed" or _is_measured(figures)]
    width, height = _PART_INCHES
    figure = Figure(figsize=(width, height * len(parts)), dpi=_DPI)
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.12)
    for subfigure, part in zip(figure.subfigures(len(parts), 1, squeeze=False)[:, 0], parts, strict=True):
        _draw_part(subfigure, _PARTS[part], by_part[part])
    return _png(figure)


def _is_measured(figures: pl.DataFrame) -> bool:
    distributions = figures.filter(pl.col("figure").is_in(list(_PANELS)))
    return distributions["value"].count() > 0


def _draw_part(subfigure: SubFigure, title: str, figures: pl.DataFrame) -> None:
    """Draw the panels of one part: numbers of actions above apps on the left, categories on the right."""
    rows = {name: _bins(name, figures.filter(pl.col("figure") == name)) for name in _PANELS}
    actions, apps, categories = _PANELS
    axes = subfigure.subplot_mosaic(
        [[actions, categories], [apps, categories]],
        height_ratios=[len(rows[actions]) + 1, len(rows[apps]) + 1],
    )
    for name, bins in rows.items():
        _draw(axes[name], _PANELS[name][0], bins)
    subfigure.suptitle(title, x=0.01, ha="left", fontsize=14, fontweight="bold", color=_INK)
    handles, labels = axes[actions].get_legend_handles_labels()
    subfigure.legend(handles, labels, loc="outside upper right", ncols=2, frameon=False, fontsize=11)


def _bins(name: str, figures: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of one distribution that are drawn, in the order of the paper."""
    by_bin = {row["measure"]: row for row in figures.iter_rows(named=True)}
    ordered = [by_bin[measure] for measure in _PANELS[name][1]]
    if name == "figure_4_actions":
        return ordered
    return [row for row in ordered if row["value"] or row["paper_value"]]


def _draw(axes: Axes, title: str, bins: Sequence[Mapping[str, Any]]) -> None:
    """Draw one distribution, the first bin on top and our bar above the paper's."""
    for (label, column, colour), offset in zip(_SIDES, (-_BAR / 2, _BAR / 2), strict=True):
        widths = [row[column] or 0.0 for row in bins]
        places = [number + offset for number in range(len(bins))]
        bars = axes.barh(places, widths, _BAR, color=colour, label=label)
        axes.bar_label(bars, [f"{width:.1f}" if width else "" for width in widths], fontsize=8, padding=3)
    names = [_APP_NAMES.get(row["measure"], row["measure"]) for row in bins]
    axes.set_yticks(range(len(bins)), names, fontsize=10)
    axes.tick_params(length=0, colors=_INK)
    axes.invert_yaxis()
    axes.margins(x=0.1, y=0.01)
    axes.xaxis.set_visible(False)
    axes.set_title(f"{title}{_missing(bins)}", fontsize=11, loc="left", color=_INK)
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def _missing(bins: Sequence[Mapping[str, Any]]) -> str:
    """Say which side of a distribution is empty."""
    ours, papers = (all(row[side] is None for row in bins) for side in ("value", "paper_value"))
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
