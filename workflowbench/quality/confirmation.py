"""Quality confirmation: from generated workflows to those that pass every rule, and why the others do not."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from workflowbench.catalogue.collection import Catalogue
from workflowbench.expansion.similar_queries import SIMILARITY
from workflowbench.llm.questions import Model
from workflowbench.quality.candidates import Candidate, comment_by_rule, examine
from workflowbench.quality.duplicates import Duplicates
from workflowbench.quality.funnel import Funnel
from workflowbench.quality.judging import judge as let_judge
from workflowbench.quality.refinement import refine
from workflowbench.quality.symbol_check import Uses
from workflowbench.tables import CONFIRMED_WORKFLOWS, CONFIRMED_WORKFLOWS_DROPPED, QUALITY_FUNNEL

_BATCH = 4096
"""Rows that are worked on at a time: enough to keep a model busy, few enough to hold."""
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
    known: pl.DataFrame | None = None,
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
        known: Rows of `confirmed_workflows` that were kept before, of other categories; none may be repeated.

    Raises:
        ValueError: More votes are needed than there are, or none.

    """
    if not 1 <= needed <= votes:
        raise ValueError(f"{needed} of {votes} votes are needed; give a number from 1 to {votes}")
    duplicates, funnel = Duplicates(similarity), Funnel(has_models=refiner is not None or judge is not None)
    if known is not None:
        duplicates.add(known)
    kept, dropped = [CONFIRMED_WORKFLOWS.frame()], [CONFIRMED_WORKFLOWS_DROPPED.frame()]
    for batch in generated.sort("query_id").iter_slices(_BATCH):
        candidates = [examine(row, catalogue, uses) for row in batch.iter_rows(named=True)]
        if refiner is not None:
            refine(candidates, refiner, catalogue, uses=uses)
        for candidate in _passing(candidates):
            comment_by_rule(candidate, catalogue)
        if judge is not None:
            let_judge(_passing(candidates), judge, catalogue, votes=votes, needed=needed)
        duplicates.drop_from(_passing(candidates))
        funnel.add(candidates)
        kept.append(CONFIRMED_WORKFLOWS.frame(map(_kept_row, _passing(candidates))))
        dropped.append(CONFIRMED_WORKFLOWS_DROPPED.frame(_dropped_rows(candidates)))
    return Confirmed(
        pl.concat(kept).sort(CONFIRMED_WORKFLOWS.key),
        pl.concat(dropped).sort(CONFIRMED_WORKFLOWS_DROPPED.key),
        QUALITY_FUNNEL.frame(funnel.rows()),
    )


def _passing(candidates: Iterable[Candidate]) -> list[Candidate]:
    return [candidate for candidate in candidates if candidate.error is None]


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
