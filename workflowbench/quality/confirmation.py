"""Quality confirmation: from generated workflows to those that pass every rule, and why the others do not."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from workflowbench.catalogue.collection import Catalogue
from workflowbench.expansion.similar_queries import SIMILARITY, QueryIndex, QueryText
from workflowbench.llm.questions import Model
from workflowbench.quality.candidates import Candidate, comment_by_rule, examine
from workflowbench.quality.funnel import funnel_rows
from workflowbench.quality.judging import judge as let_judge
from workflowbench.quality.refinement import refine
from workflowbench.quality.symbol_check import Uses
from workflowbench.tables import CONFIRMED_WORKFLOWS, CONFIRMED_WORKFLOWS_DROPPED, QUALITY_FUNNEL

_TAKEN = ("query_id", "category", "pool", "query", "given_apis", "annotator")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What quality confirmation made of generated workflows.

    Attributes:
        kept: Rows of `confirmed_workflows`, sorted by key.
        dropped: Rows of `confirmed_workflows_dropped`, sorted by key.
        funnel: Rows of `quality_funnel`, in the order of annotator, category and rule.

    """

    kept: pl.DataFrame
    dropped: pl.DataFrame
    funnel: pl.DataFrame


def confirm(
    generated: pl.DataFrame,
    catalogue: Catalogue,
    *,
    uses: Uses = "all",
    refiner: Model | None = None,
    judge: Model | None = None,
    votes: int = 3,
    needed: int = 2,
    similarity: float = SIMILARITY,
) -> Confirmed:
    """Take generated workflows through format, symbols, refinement, judgement and the search for duplicates.

    Every row is kept or dropped with its reason, and the result does not depend on the order of the rows.
    Without a refiner or a judge that step is left out, and the kept rows say `none`. Comments that a kept
    program lacks are written by rule, and the row says so.

    Args:
        generated: Rows of `generated_workflows`.
        catalogue: The documentation of the APIs.
        uses: Whether a program must call all of its given APIs, or any.
        refiner: Model that refines plan and program.
        judge: Model that judges whether the program does what was asked.
        votes: Votes of the judge on each sample.
        needed: Votes that must be for a sample.
        similarity: Jaccard similarity from which two queries are near duplicates.

    Raises:
        ValueError: More votes are needed than there are, or none.

    """
    if not 1 <= needed <= votes:
        raise ValueError(f"{needed} of {votes} votes are needed; give a number from 1 to {votes}")
    rows = generated.sort("query_id").iter_rows(named=True)
    candidates = [examine(row, catalogue, uses) for row in rows]
    if refiner is not None:
        refine(candidates, refiner, catalogue, uses=uses)
    for candidate in _passing(candidates):
        comment_by_rule(candidate, catalogue)
    if judge is not None:
        let_judge(_passing(candidates), judge, catalogue, votes=votes, needed=needed)
    _drop_duplicates(_passing(candidates), similarity)
    has_models = refiner is not None or judge is not None
    return Confirmed(
        CONFIRMED_WORKFLOWS.frame(map(_kept_row, _passing(candidates))).sort(CONFIRMED_WORKFLOWS.key),
        CONFIRMED_WORKFLOWS_DROPPED.frame(_dropped_rows(candidates)).sort(CONFIRMED_WORKFLOWS_DROPPED.key),
        QUALITY_FUNNEL.frame(funnel_rows(candidates, has_models=has_models)),
    )


def _passing(candidates: Iterable[Candidate]) -> list[Candidate]:
    return [candidate for candidate in candidates if candidate.error is None]


def _drop_duplicates(candidates: Iterable[Candidate], similarity: float) -> None:
    """Drop samples whose actions or query a sample before them has already, and name it."""
    programs: dict[str, str] = {}
    queries = QueryIndex(at_least=similarity)
    for candidate in candidates:
        assert candidate.facts is not None
        query = QueryText(candidate.row["query"])
        if (owner := programs.get(candidate.facts.workflow_id)) is not None:
            candidate.drop("duplicate_program", "The actions are those of its twin.", 1.0, 1.0)
            candidate.twin = owner
        elif (twin := queries.twin_of(query)) is not None:
            detail = "Jaccard similarity of the runs of three words, measured against its twin."
            candidate.drop("near_duplicate_query", detail, similarity, twin.similarity)
            candidate.twin = twin.id
        else:
            programs[candidate.facts.workflow_id] = candidate.query_id
            queries.add(candidate.query_id, query)


def _kept_row(candidate: Candidate) -> dict[str, Any]:
    facts = candidate.facts
    assert facts is not None
    identity = f"{candidate.row['query']}\0{facts.workflow_id}"
    return {
        **{name: candidate.row[name] for name in _TAKEN},
        "sample_id": hashlib.sha256(identity.encode()).hexdigest()[:32],
        "workflow_id": facts.workflow_id,
        "task_plan": candidate.task_plan,
        "code": candidate.code,
        "apis": facts.apis,
        "n_actions": facts.n_actions,
        "n_conditionals": facts.n_conditionals,
        "n_loops": facts.n_loops,
        "nesting_depth": facts.nesting_depth,
        "tokens": facts.tokens,
        "refiner": candidate.refiner,
        "judge": candidate.judge,
        "n_votes": candidate.n_votes,
        "n_votes_for": candidate.n_votes_for,
    }


def _dropped_rows(candidates: Iterable[Candidate]) -> list[dict[str, Any]]:
    return [
        {
            "row_id": candidate.query_id,
            "title": candidate.row["query"],
            "stage": CONFIRMED_WORKFLOWS.name,
            "rule": candidate.error.rule,
            "detail": candidate.error.detail,
            "threshold": candidate.error.threshold,
            "observed": candidate.error.observed,
            "twin_id": candidate.twin,
        }
        for candidate in candidates
        if candidate.error is not None
    ]
