"""The receipt: our figures beside the paper's, cell by cell, with the known cause of each difference."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from workflowbench.evaluation.leaderboard.measures import MEASURES, PARTS
from workflowbench.evaluation.leaderboard.rows import MEASURED
from workflowbench.evaluation.published import T_EVAL_F1, TABLE_2, PublishedRow
from workflowbench.evaluation.scores import STATIC
from workflowbench.evaluation.teval.scoring import NotComparableError, PlanResult
from workflowbench.tables import RECEIPT

Row = dict[str, Any]

NOT_MEASURED = "We have not measured this model."
_OTHER_COLLECTION = (
    "The dataset was built anew from other shortcuts; the paper's own collection is not published in full."
)
_TABLE_1_CAUSES = {
    "actions": "Entries of the action list are counted, markers of blocks included.",
    "conditionals": "`if` and `match` blocks are counted; the paper prints IF.",
    "nesting_depth": "A flat workflow has depth 0 here; the paper does not say how it counts.",
}
_OTHER_SAMPLES = (
    "Other test samples and another prompt; comments are stripped by a tokeniser, not cut at the first #."
)
_OTHER_JUDGE = "Another judge, another prompt and several votes, behind a gate of rules."
_NO_JUDGE = "Ours is the verdict of rules alone, which do not see whether the request is fulfilled."


def receipt(
    statistics: pl.DataFrame,
    leaderboard: pl.DataFrame,
    plans: Mapping[str, PlanResult],
    counterparts: Mapping[str, str],
) -> pl.DataFrame:
    """Compare Tables 1, 2 and 3 of the paper with ours.

    Every printed cell has a row, whether or not there is a figure of ours.

    Args:
        statistics: Rows of `statistics`.
        leaderboard: Rows of `leaderboard`.
        plans: T-Eval results by name of our model.
        counterparts: Name of our model by that of the paper's model that it is compared with.

    Returns:
        Rows of `receipt`, sorted by key.

    """
    rows = [
        *_table_1(statistics),
        *(row for printed in TABLE_2 for row in _table_2(printed, leaderboard, counterparts)),
        *_table_3(plans, counterparts),
    ]
    return RECEIPT.frame(map(_with_difference, rows)).sort(RECEIPT.key)


def _table_1(statistics: pl.DataFrame) -> Iterator[Row]:
    printed = statistics.filter(pl.col("figure") == "table_1", pl.col("paper_value").is_not_null())
    for row in printed.iter_rows(named=True):
        causes = [_OTHER_COLLECTION, _TABLE_1_CAUSES.get(row["measure"])]
        yield {
            "table": "table_1",
            "row": row["measure"],
            "column": row["subset"],
            "unit": row["unit"],
            "published": row["paper_value"],
            "ours": row["value"],
            "counterpart": f"statistics: {row['measure']}, {row['subset']}",
            "cause": " ".join(filter(None, causes)),
        }


def _table_2(
    printed: PublishedRow, leaderboard: pl.DataFrame, counterparts: Mapping[str, str]
) -> Iterator[Row]:
    model = counterparts.get(printed.model)
    ours = leaderboard.filter(origin=MEASURED, model=model or "", setting=printed.setting)
    by_measure = {row["measure"]: row for row in ours.iter_rows(named=True)}
    for measure in (*PARTS, "codebleu", "passed"):
        found = by_measure.get(measure)
        yield {
            "table": "table_2",
            "row": printed.model,
            "column": f"{MEASURES[measure].label}, {printed.setting}",
            "unit": "percent",
            "published": getattr(printed, measure),
            "ours": 100 * found["value"] if found else None,
            "counterpart": model if found else None,
            "cause": _table_2_cause(printed, measure, found),
        }


def _table_2_cause(printed: PublishedRow, measure: str, found: Row | None) -> str:
    parts = [_OTHER_SAMPLES if found else NOT_MEASURED]
    if measure == "passed" and found:
        parts.append(_NO_JUDGE if found["judge"] == STATIC else _OTHER_JUDGE)
    if measure == "codebleu" and not printed.adds_up:
        parts.append(f"The printed parts add up to {printed.recomputed:.1f}, not to {printed.codebleu:.1f}.")
    return " ".join(parts)


def _table_3(plans: Mapping[str, PlanResult], counterparts: Mapping[str, str]) -> Iterator[Row]:
    for printed, published in T_EVAL_F1.items():
        model = counterparts.get(printed)
        value, cause = _plan_f1(plans.get(model) if model else None)
        yield {
            "table": "table_3",
            "row": printed,
            "column": "F1",
            "unit": "percent",
            "published": published,
            "ours": value,
            "counterpart": model if value is not None else None,
            "cause": cause,
        }


def _plan_f1(result: PlanResult | None) -> tuple[float | None, str]:
    """Our F1 in percent, if it may stand beside the published one, and why it differs or is missing."""
    if result is None:
        return None, NOT_MEASURED
    try:
        result.beside_published()
    except NotComparableError as error:
        return None, f"Ours was measured otherwise ({result.encoder}, {result.mode}, {result.form}): {error}."
    cause = "The paper does not say which version of the data, prompt and conversion it used."
    return 100 * result.figures.f1.value, cause


def _with_difference(row: Row) -> Row:
    difference = None if row["ours"] is None else row["ours"] - row["published"]
    return row | {"difference": difference}
