"""Rows of `annotated_workflows` and of its dropped rows, whoever writes the thoughts."""

import ast
import json
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from workflowbench.tables import ANNOTATED_WORKFLOWS, ANNOTATED_WORKFLOWS_DROPPED
from workflowbench.thoughts.proof import match_trees

UNCATEGORISED = "Uncategorised"

UNREADABLE = (SyntaxError, RecursionError, MemoryError)
"""What Python's parser, or a walk over its tree, raises on a hostile program."""

Row = dict[str, Any]


def annotated_row(
    row: Mapping[str, Any],
    code: str,
    renamed: Mapping[str, str],
    *,
    query: str,
    task_plan: str,
    annotator: str,
) -> Row:
    """Build an annotated row, or a dropped one if the program is not the transcribed one but for names.

    Args:
        row: Row of `transcribed_workflows`.
        code: The annotated program.
        renamed: Old name to new name.
        query: What a person would ask for.
        task_plan: The numbered plan.
        annotator: Who wrote the thoughts.

    """
    if not match_trees(ast.parse(row["code"]), ast.parse(code), renamed):
        return dropped_row(row, "different_tree", "More than names and comments changed. Report the program.")
    return {
        "raw_id": row["raw_id"],
        "workflow_id": row["workflow_id"],
        "scrape": row["scrape"],
        "title": row["title"],
        "category": row["categories"][0] if row["categories"] else UNCATEGORISED,
        "query": query,
        "task_plan": task_plan,
        "code": code,
        "renamed": json.dumps(renamed, ensure_ascii=False, sort_keys=True),
        "same_tree": True,
        "annotator": annotator,
    }


def dropped_row(row: Mapping[str, Any], rule: str, detail: str) -> Row:
    """Build a row of `annotated_workflows_dropped`."""
    return {
        "row_id": row["raw_id"],
        "title": row["title"],
        "stage": ANNOTATED_WORKFLOWS.name,
        "rule": rule,
        "detail": detail,
    }


def refused_program(row: Mapping[str, Any], error: Exception) -> Row:
    """Build the dropped row of a program that could not be read or renamed."""
    match error:
        case RecursionError() if _parses(row["code"]):
            return dropped_row(row, "too_deep", "A value is nested too deeply to be put into words.")
        case SyntaxError() if _parses(row["code"]):
            return dropped_row(
                row, "different_tree", f"A name could not be replaced: {error}. Report the program."
            )
        case _:
            detail = f"Python's parser refuses the program: {error}. Transcribe it again."
            return dropped_row(row, "does_not_parse", detail)


def annotated_tables(rows: Iterable[Row]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Divide rows into `annotated_workflows` and `annotated_workflows_dropped`, each sorted by key."""
    kept: list[Row] = []
    dropped: list[Row] = []
    for row in rows:
        (kept if "code" in row else dropped).append(row)
    return (
        ANNOTATED_WORKFLOWS.frame(kept).sort(*ANNOTATED_WORKFLOWS.key, "scrape"),
        ANNOTATED_WORKFLOWS_DROPPED.frame(dropped).sort(ANNOTATED_WORKFLOWS_DROPPED.key),
    )


def _parses(code: str) -> bool:
    try:
        ast.parse(code)
    except (*UNREADABLE, ValueError):
        return False
    return True
