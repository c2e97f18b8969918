"""The leaderboard as one HTML page: no script, nothing fetched, every number with the rows behind it."""

import base64
from collections.abc import Iterator
from typing import Any

import jinja2
import polars as pl

from workflowbench.evaluation.leaderboard.measures import MEASURES
from workflowbench.evaluation.leaderboard.plots import SETTINGS, plot_complexity, plot_overall
from workflowbench.evaluation.leaderboard.sections import group_anchor, section, shown_measures


def leaderboard_page(leaderboard: pl.DataFrame, scores: pl.DataFrame, complexity: pl.DataFrame) -> str:
    """Write the page.

    Args:
        leaderboard: Rows of `leaderboard`.
        scores: Rows of `scores` that they were computed from.
        complexity: Rows of `complexity_scores`; without any, Figure 5 is left out.

    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("workflowbench.evaluation.leaderboard", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.jinja2").render(
        measures=[MEASURES[name] for name in shown_measures(leaderboard)],
        sections=[section(leaderboard, setting) for setting in SETTINGS],
        groups=list(_groups(scores)),
        overall=_data_uri(plot_overall(leaderboard)),
        figure_5=_data_uri(plot_complexity(complexity)) if complexity.height else None,
        complexity=complexity.sort("setting", "axis", "position", "model").to_dicts(),
    )


def _groups(scores: pl.DataFrame) -> Iterator[dict[str, Any]]:
    ordered = scores.sort("setting", "model", "sample_id")
    for (model, setting), group in ordered.group_by("model", "setting", maintain_order=True):
        yield {
            "anchor": group_anchor(str(model), str(setting)),
            "title": f"{model}, {SETTINGS[str(setting)]}",
            "rows": group.to_dicts(),
        }


def _data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
