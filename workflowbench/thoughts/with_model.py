"""Hierarchical thoughts by a language model: names, comments, plan, query; each level builds on the last."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from workflowbench.catalogue.api import Api
from workflowbench.llm.questions import Answer, Model, NoAnswer, Question
from workflowbench.thoughts.comments import rule_comments
from workflowbench.thoughts.levels.comments import Comments
from workflowbench.thoughts.levels.draft import Draft, Level, Step
from workflowbench.thoughts.levels.names import Names
from workflowbench.thoughts.levels.plan import Parts, Plan
from workflowbench.thoughts.levels.query import Query
from workflowbench.thoughts.names import choose_names
from workflowbench.thoughts.plan import numbered_plan, uses_input
from workflowbench.thoughts.program import Program, ProgramReader
from workflowbench.thoughts.renaming import rename
from workflowbench.thoughts.rows import (
    UNREADABLE,
    Row,
    annotated_row,
    annotated_tables,
    dropped_row,
    refused_program,
)

WINDOW = 40
"""Statements, or results to name, in one question."""
_PLAN_WINDOWS = 3
"""Windows of comments in one question on the plan, since a comment is shorter than a statement."""
_EXPECTED_PART = 6
"""Statements in a part of a summary or a step of a plan, for the estimate."""


def annotate_with_model(
    transcribed: pl.DataFrame,
    catalogue: Mapping[str, Api],
    model: Model,
    *,
    window: int = WINDOW,
    names: bool = True,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Annotate every transcribed workflow by a language model, or say why it could not be.

    The levels are asked one after the other, each as one batch over all rows; long programs are asked about
    in windows. A row whose question has no valid answer is dropped at that level. Each kept row is proven:
    the syntax tree of the annotated program equals the transcribed one but for a bijective renaming.

    Args:
        transcribed: Rows of `transcribed_workflows`.
        catalogue: API by identifier.
        model: The model to ask.
        window: Statements in one question, at most.
        names: Whether results with generic names are renamed.

    Returns:
        Rows of `annotated_workflows` and of `annotated_workflows_dropped`, each sorted by key.

    """
    reader = ProgramReader(catalogue)
    drafts = _drafts(transcribed)
    dropped: list[Row] = []
    for level in _levels(reader, window, names=names):
        drafts, refused = _climb(level, drafts, model, reader)
        dropped += refused
    return annotated_tables([*dropped, *(_finished(draft, reader, model.name) for draft in drafts)])


def expected_questions(
    transcribed: pl.DataFrame, catalogue: Mapping[str, Api], *, window: int = WINDOW, names: bool = True
) -> Iterator[Question]:
    """Yield the questions that annotating will ask, to price it before it starts.

    Those of the first level are exact. Later ones build on answers that are not there yet: rules stand in
    for them, so their number is nearly exact and their size about right.

    Args:
        transcribed: Rows of `transcribed_workflows`.
        catalogue: API by identifier.
        window: Statements in one question, at most.
        names: Whether results with generic names are renamed.

    """
    reader = ProgramReader(catalogue)
    for draft in _drafts(transcribed):
        try:
            program = reader.read(draft.code)
            by_rules = _by_rules(draft, program, reader, window)
            named = reader.read(by_rules.code)
            for level in _levels(reader, window, names=names):
                is_first = isinstance(level, Names)
                yield from level.questions(draft, program) if is_first else level.questions(by_rules, named)
        except UNREADABLE:
            continue


def _drafts(transcribed: pl.DataFrame) -> list[Draft]:
    return [Draft(row, row["code"], {}) for row in transcribed.iter_rows(named=True)]


def _levels(reader: ProgramReader, window: int, *, names: bool) -> list[Level]:
    levels: list[Level] = [Comments(window), Parts(window * _PLAN_WINDOWS), Plan(), Query()]
    return [Names(reader, window), *levels] if names else levels


def _climb(
    level: Level, drafts: Sequence[Draft], model: Model, reader: ProgramReader
) -> tuple[list[Draft], list[Row]]:
    """Ask one level about all drafts; return those that it settled, and the dropped rows."""
    dropped: dict[str, Row] = {}
    answers: dict[str, list[Any]] = defaultdict(list)
    owners: dict[str, Draft] = {}

    def questions() -> Iterator[Question]:
        for draft in drafts:
            try:
                asked = list(level.questions(draft, reader.read(draft.code)))
            except UNREADABLE as error:
                dropped[draft.id] = refused_program(draft.row, error)
                continue
            owners.update((question.id, draft) for question in asked)
            yield from asked

    for answer in model.ask(questions()):
        draft = owners.pop(answer.id)
        match answer:
            case Answer(value=value):
                answers[draft.id].append(value)
            case NoAnswer(rule=rule, detail=detail):
                dropped.setdefault(draft.id, dropped_row(draft.row, f"{level.name}_{rule}", detail))
    settled = []
    for draft in drafts:
        if draft.id not in dropped:
            try:
                settled.append(level.settle(draft, answers[draft.id]))
            except UNREADABLE as error:
                dropped[draft.id] = refused_program(draft.row, error)
    return settled, list(dropped.values())


def _finished(draft: Draft, reader: ProgramReader, annotator: str) -> Row:
    program = reader.read(draft.code)
    steps = [(step.title.replace("*", ""), step.details) for step in draft.plan]
    return annotated_row(
        draft.row,
        program.annotated(draft.comments),
        draft.renamed,
        query=draft.query,
        task_plan=numbered_plan(steps, draft.row["title"], takes_input=uses_input(program.tree)),
        annotator=annotator,
    )


def _by_rules(draft: Draft, program: Program, reader: ProgramReader, window: int) -> Draft:
    """Fill in what the rules of the offline annotator would answer."""
    renamed = choose_names(program.tree, program.vocabulary, draft.recorded)
    named = reader.read(rename(program.code, program.tree, renamed))
    comments = rule_comments(named.code, named.tree, named.vocabulary)
    ends = [*range(_EXPECTED_PART, len(comments), _EXPECTED_PART), len(comments)] if comments else []
    steps = tuple(Step(comments[end - 1], (), end) for end in ends)
    is_long = len(comments) > window * _PLAN_WINDOWS
    return Draft(draft.row, named.code, renamed, tuple(comments), steps if is_long else (), steps)
