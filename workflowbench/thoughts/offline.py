"""The offline annotator: names, comments, plan and query by rules, without a language model."""

import ast
import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from workflowbench.catalogue.api import Api
from workflowbench.tables import ANNOTATED_WORKFLOWS, ANNOTATED_WORKFLOWS_DROPPED
from workflowbench.thoughts.comments import with_comments
from workflowbench.thoughts.names import choose_names
from workflowbench.thoughts.plan import main_actions, task_plan
from workflowbench.thoughts.proof import match_trees
from workflowbench.thoughts.query import query_for
from workflowbench.thoughts.renaming import rename
from workflowbench.thoughts.vocabulary import read_vocabulary

ANNOTATOR = "offline"
UNCATEGORISED = "Uncategorised"

_MAIN_ACTIONS = 4
_INPUT = "Shortcut_Input"

Row = dict[str, Any]


def annotate_offline(
    transcribed: pl.DataFrame, catalogue: Mapping[str, Api]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Annotate every transcribed workflow, or say why it could not be.

    Each row is proven: the syntax tree of the annotated program equals the transcribed one but for a
    bijective renaming of results.

    Args:
        transcribed: Rows of `transcribed_workflows`.
        catalogue: API by identifier.

    Returns:
        Rows of `annotated_workflows` and of `annotated_workflows_dropped`, each sorted by key.

    """
    by_function = {api.function: api for api in reversed(tuple(catalogue.values()))}
    kept: list[Row] = []
    dropped: list[Row] = []
    for row in transcribed.iter_rows(named=True):
        annotated = _annotate(row, catalogue, by_function)
        (kept if "code" in annotated else dropped).append(annotated)
    return (
        ANNOTATED_WORKFLOWS.frame(kept).sort(*ANNOTATED_WORKFLOWS.key, "scrape"),
        ANNOTATED_WORKFLOWS_DROPPED.frame(dropped).sort(ANNOTATED_WORKFLOWS_DROPPED.key),
    )


def _annotate(row: Row, catalogue: Mapping[str, Api], by_function: Mapping[str, Api]) -> Row:
    """Return the annotated row, or the dropped row."""
    try:
        tree = ast.parse(row["code"])
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return _drop(
            row, "does_not_parse", f"Python's parser refuses the program: {error}. Transcribe it again."
        )
    try:
        thoughts = _thoughts(row, tree, catalogue, by_function)
    except SyntaxError as error:
        return _drop(row, "different_tree", f"A name could not be replaced: {error}. Report the program.")
    except RecursionError:
        return _drop(row, "too_deep", "A value is nested too deeply to be put into words.")
    if not thoughts["same_tree"]:
        return _drop(row, "different_tree", "More than names and comments changed. Report the program.")
    return thoughts


def _thoughts(
    row: Row, tree: ast.Module, catalogue: Mapping[str, Api], by_function: Mapping[str, Api]
) -> Row:
    renamed = choose_names(tree, read_vocabulary(tree, catalogue, by_function), json.loads(row["variables"]))
    code = rename(row["code"], tree, renamed)
    named_tree = ast.parse(code)
    vocabulary = read_vocabulary(named_tree, catalogue, by_function)
    annotated = with_comments(code, named_tree, vocabulary)
    actions = main_actions(named_tree, vocabulary, _MAIN_ACTIONS)
    takes_input = _INPUT in code and any(
        isinstance(node, ast.Name) and node.id == _INPUT for node in ast.walk(named_tree)
    )
    return {
        "raw_id": row["raw_id"],
        "workflow_id": row["workflow_id"],
        "scrape": row["scrape"],
        "title": row["title"],
        "category": row["categories"][0] if row["categories"] else UNCATEGORISED,
        "query": query_for(row["workflow_id"], row["title"], row["description"], actions),
        "task_plan": task_plan(named_tree, vocabulary, row["title"], takes_input=takes_input),
        "code": annotated,
        "renamed": json.dumps(renamed, ensure_ascii=False, sort_keys=True),
        "same_tree": match_trees(tree, ast.parse(annotated), renamed),
        "annotator": ANNOTATOR,
    }


def _drop(row: Row, rule: str, detail: str) -> Row:
    return {
        "row_id": row["raw_id"],
        "title": row["title"],
        "stage": ANNOTATED_WORKFLOWS.name,
        "rule": rule,
        "detail": detail,
    }
