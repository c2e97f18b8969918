"""The offline annotator: names, comments, plan and query by rules, without a language model."""

import json
from collections.abc import Mapping

import polars as pl

from workflowbench.catalogue.api import Api
from workflowbench.thoughts.comments import with_comments
from workflowbench.thoughts.names import choose_names
from workflowbench.thoughts.plan import main_actions, task_plan, uses_input
from workflowbench.thoughts.program import ProgramReader
from workflowbench.thoughts.query import query_for
from workflowbench.thoughts.renaming import rename
from workflowbench.thoughts.rows import UNREADABLE, Row, annotated_row, annotated_tables, refused_program

ANNOTATOR = "offline"

_MAIN_ACTIONS = 4


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
    reader = ProgramReader(catalogue)
    return annotated_tables(_annotate(row, reader) for row in transcribed.iter_rows(named=True))


def _annotate(row: Row, reader: ProgramReader) -> Row:
    """Return the annotated row, or the dropped row."""
    try:
        return _thoughts(row, reader)
    except UNREADABLE as error:
        return refused_program(row, error)


def _thoughts(row: Row, reader: ProgramReader) -> Row:
    program = reader.read(row["code"])
    renamed = choose_names(program.tree, program.vocabulary, json.loads(row["variables"]))
    named = reader.read(rename(program.code, program.tree, renamed))
    actions = list(main_actions(named.tree, named.vocabulary, _MAIN_ACTIONS))
    return annotated_row(
        row,
        with_comments(named.code, named.tree, named.vocabulary),
        renamed,
        query=query_for(row["workflow_id"], row["title"], row["description"], actions),
        task_plan=task_plan(named.tree, named.vocabulary, row["title"], takes_input=uses_input(named.tree)),
        annotator=ANNOTATOR,
    )
