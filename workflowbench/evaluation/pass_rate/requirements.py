"""What a request requires of a program: taken apart once, and the same for every program that answers it."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from workflowbench.llm.questions import Model, NoAnswer
from workflowbench.llm.templates import load_template

MOST_REQUIREMENTS = 12

REQUIREMENTS_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"requirements": {"type": "array", "items": {"type": "string"}}},
    "required": ["requirements"],
    "additionalProperties": False,
}

Requirements = tuple[str, ...]


def extract_requirements(queries: Iterable[str], judge: Model) -> dict[str, Requirements | NoAnswer]:
    """Requirements by query, or why there are none; each query is asked about once.

    The question depends on the query alone, so that the ledger answers it for every model and every run.
    """
    template = load_template("workflowbench.evaluation.pass_rate", "requirements")
    distinct = sorted(set(queries))
    questions = (
        template.question(
            f"requirements/{hashlib.sha256(query.encode()).hexdigest()[:32]}",
            {"query": query, "most": MOST_REQUIREMENTS},
            schema=REQUIREMENTS_SCHEMA,
            max_tokens=1024,
            verify=_complaint,
        )
        for query in distinct
    )
    return {
        query: outcome if isinstance(outcome, NoAnswer) else tuple(outcome.value["requirements"])
        for query, outcome in zip(distinct, judge.ask(questions), strict=True)
    }


def _complaint(value: Mapping[str, Any]) -> str | None:
    found = [requirement.strip().casefold() for requirement in value["requirements"]]
    if not 1 <= len(found) <= MOST_REQUIREMENTS:
        return f"`requirements` must hold 1 to {MOST_REQUIREMENTS} sentences"
    if "" in found or len(set(found)) < len(found):
        return "no requirement may be blank or stand there twice"
    return None
