"""The judge: a pinned model that votes several times on whether a program does what was asked."""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from workflowbench.catalogue.api import Api
from workflowbench.catalogue.collection import Catalogue
from workflowbench.llm.questions import Answer, Model, NoAnswer, Question
from workflowbench.llm.templates import load_template
from workflowbench.quality.candidates import Candidate
from workflowbench.quality.statement_comments import without_comments
from workflowbench.shortcuts.compilation import parse

ANSWER_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "reasons": {"type": "string"},
        "missing_requirements": {"type": "array", "items": {"type": "string"}},
        "verdict": {"type": "boolean"},
    },
    "required": ["reasons", "missing_requirements", "verdict"],
    "additionalProperties": False,
}
"""JSON schema of a vote."""

_MAX_TOKENS = 1024
_TEMPERATURE = 0.7
"""Sampling temperature where there are several votes; a single vote is greedy."""


@dataclass(slots=True)
class _Votes:
    n_for: int = 0
    answers: list[Answer] = field(default_factory=list)
    failures: list[NoAnswer] = field(default_factory=list)
    missing: dict[str, None] = field(default_factory=dict)


def judge(
    candidates: Iterable[Candidate], model: Model, catalogue: Catalogue, *, votes: int = 3, needed: int = 2
) -> None:
    """Let a model vote on samples, and drop those that too few votes are for.

    The judge sees the program without the comments that explain it, which can claim what the code does not
    do, and the APIs in another order at each vote.

    Args:
        candidates: Samples that passed so far; changed in place.
        model: The judge.
        catalogue: The documentation of the APIs.
        votes: Votes on each sample.
        needed: Votes that must be for it.

    """
    asked = list(candidates)
    questions = (
        question_for(candidate, catalogue, vote, votes) for candidate in asked for vote in range(1, votes + 1)
    )
    answers = iter(model.ask(questions))
    for candidate in asked:
        _decide(candidate, _count(islice(answers, votes)), votes, needed)


def question_for(candidate: Candidate, catalogue: Catalogue, vote: int, votes: int) -> Question:
    """Build the question of one vote, counted from 1."""
    apis = [catalogue[api] for api in candidate.given_apis if api in catalogue]
    random.Random(f"{candidate.query_id}/{vote}").shuffle(apis)  # noqa: S311 - an order, no secret
    values = {
        "query": candidate.row["query"],
        "functions": list(map(_function, apis)),
        "code": without_comments(candidate.code, parse(candidate.code)),
    }
    return load_template("workflowbench.quality", "judgement").question(
        f"{candidate.query_id}/vote/{vote}",
        values,
        schema=ANSWER_SCHEMA,
        max_tokens=_MAX_TOKENS,
        temperature=_TEMPERATURE if votes > 1 else 0.0,
        seed=vote,
        verify=_contradiction,
    )


def _function(api: Api) -> str:
    return f"{api.function}: {api.description or api.name}"


def _contradiction(value: Mapping[str, Any]) -> str | None:
    if value["verdict"] == bool(value["missing_requirements"]):
        return "`verdict` is true if and only if `missing_requirements` is empty"
    return None


def _count(answers: Iterator[Answer | NoAnswer]) -> _Votes:
    votes = _Votes()
    for answer in answers:
        if isinstance(answer, NoAnswer):
            votes.failures.append(answer)
            continue
        votes.answers.append(answer)
        votes.n_for += answer.value["verdict"]
        votes.missing.update(dict.fromkeys(answer.value["missing_requirements"]))
    return votes


def _decide(candidate: Candidate, votes: _Votes, wanted: int, needed: int) -> None:
    candidate.n_votes, candidate.n_votes_for = len(votes.answers), votes.n_for
    if votes.answers:
        candidate.judge = votes.answers[0].model
    if votes.n_for >= needed:
        return
    if votes.n_for + len(votes.failures) >= needed:
        reasons = "; ".join(dict.fromkeys(f"{failure.rule}: {failure.detail}" for failure in votes.failures))
        detail = f"{len(votes.failures)} of {wanted} votes did not come in ({reasons}); run the stage again."
        candidate.drop("no_verdict", detail, float(needed), float(votes.n_for))
        return
    detail = f"The judge misses: {'; '.join(votes.missing)}."
    candidate.drop("rejected", detail, float(needed), float(votes.n_for))
