"""Scores of a model's plans, with chance level beside them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workflowbench.evaluation.answer_files import check_ids
from workflowbench.evaluation.intervals import Estimate, mean_interval
from workflowbench.evaluation.published import T_EVAL_F1
from workflowbench.evaluation.teval.chance import CONSTANT, random_plan
from workflowbench.evaluation.teval.encoders import MPNET, Embeddings, Encoder
from workflowbench.evaluation.teval.matching import Mode, PlanScore, score_plan
from workflowbench.evaluation.teval.parsing import parse_plan
from workflowbench.evaluation.teval.plans import Form, Plan, PlanQuery

NO_ENCODER = "none"


class NotComparableError(Exception):
    """A result was measured otherwise than the published figures."""


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """Means over the queries of a set.

    Attributes:
        precision: Share of the steps of a plan that are right.
        recall: Share of the annotated steps that it has.
        f1: Harmonic mean of both, per query; 0 where the answer could not be read.
        parse_rate: Share of the answers that could be read as a plan.

    """

    precision: Estimate
    recall: Estimate
    f1: Estimate
    parse_rate: Estimate


@dataclass(frozen=True, slots=True)
class PlanResult:
    """What a model scores on the PLAN split, and what plans score that say nothing.

    Attributes:
        form: How the plans were asked for; None for another set than the PLAN split.
        mode: What counts as a right step.
        encoder: Name of the encoder, or `none`.
        scores: Score by query id.
        figures: Means over the queries.
        constant: Mean F1 of one step that calls nothing.
        random: Mean F1 of random APIs of the query, as many as the annotated steps.

    """

    form: Form | None
    mode: Mode
    encoder: str
    scores: Mapping[str, PlanScore]
    figures: PlanFigures
    constant: Estimate
    random: Estimate

    def beside_published(self) -> Mapping[str, float]:
        """The F1 of Table 3 of the WorkflowLLM paper, in percent by model.

        Raises:
            NotComparableError: The encoder, the mode or the form is not that of the published figures.

        """
        wanted = {"encoder": MPNET, "mode": Mode.COMPAT, "form": Form.JSON}
        other = [f"{name} {value}" for name, value in wanted.items() if getattr(self, name) != value]
        if other:
            raise NotComparableError(f"the published figures were measured with {', '.join(other)}")
        return T_EVAL_F1


def score_answers(
    answers: Mapping[str, str], queries: Sequence[PlanQuery], mode: Mode, encoder: Encoder | None = None
) -> PlanResult:
    """Score the answers to the PLAN split.

    Args:
        answers: What a model wrote, by query id.
        queries: The queries, all of one form.
        mode: What counts as a right step.
        encoder: Encoder of names and arguments; `names` needs none.

    Raises:
        IdMismatchError: An answer is missing, or is to a query that there is not.
        ValueError: There is no query, or the mode needs an encoder.

    """
    check_ids(answers, [query.query_id for query in queries])
    plans = {query.query_id: parse_plan(answers[query.query_id], query.form, query.apis) for query in queries}
    return score_plans(plans, queries, mode, encoder, form=queries[0].form)


def score_plans(
    plans: Mapping[str, Plan],
    queries: Sequence[PlanQuery],
    mode: Mode,
    encoder: Encoder | None = None,
    *,
    form: Form | None = None,
) -> PlanResult:
    """Score plans against annotated ones; arguments and errors as of `score_answers`."""
    if not queries:
        raise ValueError("there is no query to score")
    embeddings = Embeddings(encoder) if encoder and mode is not Mode.NAMES else None
    chance = {query.query_id: random_plan(query) for query in queries}
    if embeddings:
        embeddings.learn(_texts([*plans.values(), *chance.values(), *(query.gold for query in queries)]))
    gold = {query.query_id: query.gold for query in queries}
    scores = {key: score_plan(plans[key], gold[key], mode, embeddings) for key in gold}
    constant = [score_plan(CONSTANT, plan, mode, embeddings).f1 for plan in gold.values()]
    random = [score_plan(chance[key], plan, mode, embeddings).f1 for key, plan in gold.items()]
    return PlanResult(
        form,
        mode,
        encoder.name if encoder and embeddings else NO_ENCODER,
        scores,
        PlanFigures(*(_mean([getattr(score, part) for score in scores.values()]) for part in _PARTS)),
        _mean(constant),
        _mean(random),
    )


_PARTS = ("precision", "recall", "f1", "parses")


def _mean(values: Sequence[float]) -> Estimate:
    estimate = mean_interval(np.array(values, dtype=np.float64))
    assert estimate is not None
    return estimate


def _texts(plans: Iterable[Plan]) -> set[str]:
    return {text for plan in plans for step in plan for text in (step.name, step.args)}
