"""Asking a model for the plans of the PLAN split, with the prompts of its file."""

from collections.abc import Iterable

from workflowbench.evaluation.teval.plans import PlanQuery
from workflowbench.llm.questions import Answer, Model, Question

PROMPT = "t-eval-plan@1"
"""Name of the prompts; their words are those of the data."""
MOST_TOKENS = 512
"""Most tokens of an answer, as the protocol has it; decoding is greedy."""


def ask_plans(queries: Iterable[PlanQuery], model: Model) -> dict[str, str]:
    """Ask for every plan; a query without an answer counts as an empty one, which scores 0."""
    asked = list(queries)
    outcomes = model.ask(map(_question, asked))
    return {
        query.query_id: outcome.text if isinstance(outcome, Answer) else ""
        for query, outcome in zip(asked, outcomes, strict=True)
    }


def _question(query: PlanQuery) -> Question:
    question_id = f"t-eval/{query.form}/{query.query_id}"
    return Question(question_id, PROMPT, query.system, query.user, max_tokens=MOST_TOKENS)
