"""The leaderboard as one HTML page: no script, nothing fetched, every number with the rows behind it."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jinja2
import polars as pl

from workflowbench.evaluation.leaderboard.measures import FINDING, MEASURES, UNUSABLE
from workflowbench.evaluation.leaderboard.plots import SETTINGS, plot_complexity, plot_overall
from workflowbench.evaluation.leaderboard.rows import MEASURED, PUBLISHED
from workflowbench.quality.findings import RULES

Row = dict[str, Any]

_ABSENT = "\N{EN DASH}"
_UNUSABLE_MEANING = "The answer holds no usable program: the paper's way of reading it was scored."


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as the page shows it.

    Attributes:
        text: The figure.
        interval: Its 95 % interval, or nothing.
        note: What a reader must know about it, or nothing.
        anchor: The rows behind it, or nothing for a published figure.

    """

    text: str
    interval: str = ""
    note: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: what it is about, where it comes from, its cells, and what its name means."""

    name: str
    origin: str
    cells: tuple[Cell, ...]
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A setting: its heading, its lines, and what was found in the answers to it."""

    title: str
    lines: tuple[Line, ...]
    models: tuple[str, ...]
    taxonomy: tuple[Line, ...]


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
    shown = [name for name in MEASURES if name in leaderboard["measure"]]
    return environment.get_template("page.html.jinja2").render(
        measures=[MEASURES[name] for name in shown],
        sections=[_section(leaderboard, setting, shown) for setting in SETTINGS],
        groups=list(_groups(scores)),
        overall=_data_uri(plot_overall(leaderboard)),
        figure_5=_data_uri(plot_complexity(complexity)) if complexity.height else None,
        complexity=complexity.sort("setting", "axis", "position", "model").to_dicts(),
    )


def _section(leaderboard: pl.DataFrame, setting: str, shown: list[str]) -> Section:
    figures: dict[tuple[str, str], dict[str, Row]] = {}
    for row in leaderboard.filter(setting=setting).iter_rows(named=True):
        figures.setdefault((row["origin"], row["model"]), {})[row["measure"]] = row
    best_first = sorted(figures, key=lambda key: _order(key, figures[key]))
    measured = [model for origin, model in best_first if origin == MEASURED]
    return Section(
        SETTINGS[setting],
        tuple(
            Line(model, origin, tuple(_cell(figures[origin, model].get(name), name) for name in shown))
            for origin, model in best_first
        ),
        tuple(measured),
        tuple(_taxonomy(measured, {model: figures[MEASURED, model] for model in measured})),
    )


def _order(key: tuple[str, str], figures: Mapping[str, Row]) -> tuple[bool, float, str]:
    """Measured models first, then by CodeBLEU, best first."""
    origin, model = key
    return origin == PUBLISHED, -(figures["codebleu"]["value"] if "codebleu" in figures else 0.0), model


def _taxonomy(models: list[str], figures: Mapping[str, Mapping[str, Row]]) -> Iterator[Line]:
    """A line for each kind of fault, the most frequent first."""
    kinds = {name for rows in figures.values() for name in rows if name.startswith((FINDING, UNUSABLE))}
    total = {
        kind: sum(figures[model][kind]["value"] for model in models if kind in figures[model])
        for kind in kinds
    }
    for kind in sorted(kinds, key=lambda kind: (-total[kind], kind)):
        rule = kind.partition(":")[2]
        is_finding = kind.startswith(FINDING)
        origin = RULES[rule].severity if is_finding else "answer"
        meaning = f"Expected: {RULES[rule].meaning}" if is_finding else _UNUSABLE_MEANING
        cells = tuple(_cell(figures[model].get(kind), kind, absent="0.0 %") for model in models)
        yield Line(rule, origin, cells, meaning)


def _cell(row: Row | None, measure: str, *, absent: str = _ABSENT) -> Cell:
    if row is None or row["value"] is None:
        return Cell(absent)
    unit = MEASURES[measure].unit if measure in MEASURES else "share"
    has_interval = row["low"] is not None
    interval = f"{_number(row['low'], unit)} to {_number(row['high'], unit)}" if has_interval else ""
    judge = f"By {row['judge']}." if row["judge"] else ""
    notes = " ".join(filter(None, (judge, row["note"])))
    anchor = group_anchor(row["model"], row["setting"]) if row["origin"] == MEASURED else ""
    return Cell(_number(row["value"], unit) + (" %" if unit == "share" else ""), interval, notes, anchor)


def _number(value: float, unit: str) -> str:
    if unit == "share":
        return f"{100 * value:.1f}"
    if unit == "tokens":
        return f"{value:,.0f}"
    return f"{value:.2f}" if unit == "bits" else f"{value:.4f}"


def group_anchor(model: str, setting: str) -> str:
    """The id of the part of the page that holds the rows of a model in a setting."""
    return f"rows-{setting}-{model.encode().hex()}"


def _groups(scores: pl.DataFrame) -> Iterator[Row]:
    ordered = scores.sort("setting", "model", "sample_id")
    for (model, setting), group in ordered.group_by("model", "setting", maintain_order=True):
        yield {
            "anchor": group_anchor(str(model), str(setting)),
            "title": f"{model}, {SETTINGS[str(setting)]}",
            "rows": group.to_dicts(),
        }


def _data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
