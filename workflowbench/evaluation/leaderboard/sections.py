"""The tables of the leaderboard page: for each setting figures, findings and numbered notes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from workflowbench.evaluation.leaderboard.measures import FINDING, MEASURES, UNUSABLE, Unit
from workflowbench.evaluation.leaderboard.plots import SETTINGS
from workflowbench.evaluation.leaderboard.rows import MEASURED, PUBLISHED
from workflowbench.evaluation.scores import STATIC
from workflowbench.quality.findings import RULES

Row = dict[str, Any]
Figures = Mapping[str, Row]
"""Rows of `leaderboard` of one model and setting by measure."""

_ABSENT = "\N{EN DASH}"
_UNUSABLE_MEANING = "The answer holds no usable program; what the paper's way of reading finds was scored."


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as the page shows it.

    Attributes:
        text: The figure.
        interval: Its 95 % interval, or nothing.
        note: Number of what a reader must know about it; 0 is nothing.
        anchor: The rows behind it, or nothing for a published figure.

    """

    text: str
    interval: str = ""
    note: int = 0
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
    """A setting.

    Attributes:
        setting: Its name.
        title: Its heading.
        lines: Models, those that were measured first, best first.
        models: Measured models, in the same order.
        taxonomy: What was found in their answers, the most frequent first.
        notes: Notes; cells refer to them by their number, from 1.

    """

    setting: str
    title: str
    lines: tuple[Line, ...]
    models: tuple[str, ...]
    taxonomy: tuple[Line, ...]
    notes: tuple[str, ...]


def shown_measures(leaderboard: pl.DataFrame) -> list[str]:
    """Measures of the leaderboard that have a column on the page, in order."""
    return [name for name in MEASURES if name in leaderboard["measure"]]


def section(leaderboard: pl.DataFrame, setting: str) -> Section:
    """The tables of one setting.

    Args:
        leaderboard: Rows of `leaderboard`.
        setting: `id` or `ood`.

    """
    figures: dict[tuple[str, str], dict[str, Row]] = {}
    for row in leaderboard.filter(setting=setting).iter_rows(named=True):
        figures.setdefault((row["origin"], row["model"]), {})[row["measure"]] = row
    best_first = sorted(figures, key=lambda key: _order(key, figures[key]))
    measured = {model: figures[origin, model] for origin, model in best_first if origin == MEASURED}
    shown, notes = shown_measures(leaderboard), _Notes()
    lines = [
        Line(model, origin, tuple(_cell(figures[origin, model], name, notes) for name in shown))
        for origin, model in best_first
    ]
    taxonomy = tuple(_taxonomy(measured, notes))
    return Section(setting, SETTINGS[setting], tuple(lines), tuple(measured), taxonomy, tuple(notes.texts))


def group_anchor(model: str, setting: str) -> str:
    """The id of the part of the page that holds the rows of a model in a setting."""
    return f"rows-{setting}-{model.encode().hex()}"


class _Notes:
    """Notes of a section, each once."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def number(self, row: Row) -> int:
        """The number of what a reader must know about a figure; 0 if nothing."""
        judge = f"Judge: {row['judge']}." if row["judge"] not in (None, STATIC) else ""
        text = " ".join(filter(None, (judge, row["note"])))
        if text and text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text) + 1 if text else 0


def _order(key: tuple[str, str], figures: Figures) -> tuple[bool, float, str]:
    origin, model = key
    return origin == PUBLISHED, -(figures["codebleu"]["value"] if "codebleu" in figures else 0.0), model


def _taxonomy(figures: Mapping[str, Figures], notes: _Notes) -> Iterator[Line]:
    totals = Counter[str]()
    for of_model in figures.values():
        kinds = (kind for kind in of_model if kind.startswith((FINDING, UNUSABLE)))
        totals.update({kind: of_model[kind]["value"] for kind in kinds})
    for kind in sorted(totals, key=lambda kind: (-totals[kind], kind)):
        rule = kind.partition(":")[2]
        cells = tuple(_cell(of_model, kind, notes, absent="0.0 %") for of_model in figures.values())
        if kind.startswith(FINDING):
            yield Line(rule, RULES[rule].severity, cells, f"Expected: {RULES[rule].meaning}")
        else:
            yield Line(rule, "answer", cells, _UNUSABLE_MEANING)


def _cell(figures: Figures, measure: str, notes: _Notes, *, absent: str = _ABSENT) -> Cell:
    row = figures.get(measure)
    if row is None:
        return Cell(absent)
    unit = MEASURES[measure].unit if measure in MEASURES else "share"
    return Cell(
        _number(row["value"], unit) + (" %" if unit == "share" else ""),
        _range((row["low"], row["high"]), unit),
        notes.number(row),
        group_anchor(row["model"], row["setting"]) if row["origin"] == MEASURED else "",
    )


def _range(ends: Sequence[float | None], unit: Unit) -> str:
    return " to ".join(_number(end, unit) for end in ends if end is not None)


def _number(value: float, unit: Unit) -> str:
    if unit == "share":
        return f"{100 * value:.1f}"
    if unit == "tokens":
        return f"{value:,.0f}"
    return f"{value:.2f}" if unit == "bits" else f"{value:.4f}"
