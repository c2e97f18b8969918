"""The rows of the leaderboard: figures of models with intervals, and those that the paper prints."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import polars as pl

from workflowbench.evaluation.codebleu.scoring import PAPER_WEIGHTS
from workflowbench.evaluation.intervals import Estimate, Values, mean_interval, wilson
from workflowbench.evaluation.leaderboard.measures import FINDING, PARTS, UNUSABLE
from workflowbench.evaluation.pass_rate.judging import favours_itself
from workflowbench.evaluation.published import TABLE_2, PublishedRow
from workflowbench.evaluation.scores import STATIC
from workflowbench.tables import LEADERBOARD

MEASURED = "measured"
PUBLISHED = "published"
THRESHOLD = 0.5
"""CodeBLEU of a sample that counts as similar to its reference, unless another is given."""
PUBLISHED_JUDGE = "GPT-4o-mini, one vote"

Row = dict[str, Any]
_JUDGED = ("passed", "judge_pass", "undecided", "vote_entropy", "passed_and_similar")
_SIMPLE: dict[str, str] = {
    "mean_codebleu": "codebleu",
    "passed": "passed",
    "static_pass": "static_pass",
    "vote_entropy": "vote_entropy",
    "parses": "parses",
    "absent_api": "calls_absent_api",
    "truncated": "is_truncated",
    "prompt_tokens": "prompt_tokens",
    "completion_tokens": "completion_tokens",
    "cost": "cost",
}
"""Measures that are the share or the mean of one column; rows in which it is null take no part."""


def leaderboard(scores: pl.DataFrame, *, threshold: float = THRESHOLD) -> pl.DataFrame:
    """The figures of the models that were scored, and the published ones.

    Args:
        scores: Rows of `scores`.
        threshold: CodeBLEU from which a sample that passes also counts as similar.

    Returns:
        Rows of `leaderboard`, sorted by key.

    Raises:
        ValueError: The scores of a model are of several modes of CodeBLEU or several judges.

    """
    measured = (
        row
        for (model, setting), group in scores.sort("model", "setting", "sample_id").group_by(
            "model", "setting", maintain_order=True
        )
        for row in _measured(str(model), str(setting), group, threshold)
    )
    published = (row for printed in TABLE_2 for row in _published(printed))
    return LEADERBOARD.frame([*measured, *published]).sort(LEADERBOARD.key)


def codebleu_from_means(scores: pl.DataFrame) -> Estimate | None:
    """The weighted sum of the mean parts, with its interval; None where no sample has a score."""
    return mean_interval(_values(scores, *PARTS), np.array(PAPER_WEIGHTS))


def _measured(model: str, setting: str, scores: pl.DataFrame, threshold: float) -> Iterator[Row]:
    judge = _judge(model, setting, scores)
    named = {"origin": MEASURED, "model": model, "setting": setting}
    for measure, estimate in _figures(scores, judge, threshold):
        if estimate is None:
            continue
        yield (
            named
            | estimate.columns()
            | {
                "measure": measure,
                "judge": _judge_of(measure, judge),
                "note": _note(measure, model, judge, threshold, scores["codebleu_mode"][0]),
            }
        )


def _figures(scores: pl.DataFrame, judge: str, threshold: float) -> Iterator[tuple[str, Estimate | None]]:
    yield "codebleu", codebleu_from_means(scores)
    for part in PARTS:
        yield part, mean_interval(_values(scores, part))
    for measure, column in _SIMPLE.items():
        is_share = scores.schema[column] == pl.Boolean
        yield measure, _share(scores[column]) if is_share else mean_interval(_values(scores, column))
    similar = scores["passed"] & (scores["codebleu"].fill_null(0.0) >= threshold)
    yield "passed_and_similar", _share(similar)
    if judge != STATIC:
        asked = scores.filter(pl.col("judge") != STATIC)
        yield "judge_pass", _share(scores["judge_pass"].fill_null(False))
        yield "undecided", _share(asked["judge_pass"].is_null())
    for rule in sorted(scores["answer_rule"].drop_nulls().unique()):
        yield UNUSABLE + rule, _share(scores["answer_rule"].eq_missing(rule))
    found = scores["findings"].list.eval(pl.element().struct.field("rule"))
    for rule in sorted(found.explode().drop_nulls().unique()):
        yield FINDING + rule, _share(found.list.contains(rule))


def _published(printed: PublishedRow) -> Iterator[Row]:
    named = {"origin": PUBLISHED, "model": printed.model, "setting": printed.setting}
    for measure in ("codebleu", *PARTS, "passed"):
        value = getattr(printed, measure)
        note = None
        if measure == "codebleu" and not printed.adds_up:
            note = f"The printed parts add up to {printed.recomputed:.1f} %."
        yield named | {
            "measure": measure,
            "value": value / 100,
            "judge": PUBLISHED_JUDGE if measure == "passed" else None,
            "note": note,
        }


def _judge(model: str, setting: str, scores: pl.DataFrame) -> str:
    """The one judge of these rows, or `static`."""
    judges = set(scores["judge"].unique()) - {STATIC}
    for what, found in (("judges", judges), ("modes of CodeBLEU", set(scores["codebleu_mode"]))):
        if len(found) > 1:
            raise ValueError(
                f"the scores of {model}, {setting} are of several {what}: {', '.join(sorted(found))}"
            )
    return judges.pop() if judges else STATIC


def _judge_of(measure: str, judge: str) -> str | None:
    if measure == "static_pass":
        return STATIC
    return judge if measure in _JUDGED else None


def _note(measure: str, model: str, judge: str, threshold: float, mode: str) -> str | None:
    notes: dict[str, Callable[[], str]] = {
        "codebleu": lambda: f"CodeBLEU: {mode}.",
        "passed_and_similar": lambda: f"CodeBLEU of at least {threshold:.2f}.",
    }
    parts = [notes[measure]()] if measure in notes else []
    if measure in _JUDGED and judge == STATIC:
        parts.append("Rules alone; no judge was asked.")
    if measure in _JUDGED and favours_itself(model, judge):
        parts.append("The judge is the model under test.")
    return " ".join(parts) or None


def _values(scores: pl.DataFrame, *columns: str) -> Values:
    table = scores.select(pl.col(columns).cast(pl.Float64).fill_null(float("nan")))
    return table.to_numpy()


def _share(hits: pl.Series) -> Estimate | None:
    """The share of hits among what is not null."""
    known = hits.drop_nulls()
    return wilson(int(known.sum()), len(known))
