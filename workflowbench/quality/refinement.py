"""Refinement: a model mends and polishes plan and program, which then pass the first two stages again."""

from collections.abc import Iterable, Mapping
from typing import Any

from workflowbench.catalogue.collection import Catalogue
from workflowbench.catalogue.rendering import python_stub
from workflowbench.llm.questions import Answer, Model, NoAnswer, Question
from workflowbench.llm.templates import load_template
from workflowbench.quality.candidates import Candidate, check_sample
from workflowbench.quality.findings import first_error
from workflowbench.quality.symbol_check import Uses

ANSWER_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"task_plan": {"type": "string"}, "code": {"type": "string"}},
    "required": ["task_plan", "code"],
    "additionalProperties": False,
}
"""JSON schema of a refined sample."""

_MAX_TOKENS = 16_384
_MOST_FINDINGS = 20


def refine(
    candidates: Iterable[Candidate], model: Model, catalogue: Catalogue, *, uses: Uses = "all"
) -> None:
    """Let a model refine samples, those with faults included: it may mend them.

    A refined version takes the place of the annotator's own if it passes the first two stages. If it does
    not, or if there is no valid answer, the annotator's own version goes on where it passed, and is dropped
    by its own first error where it did not. A sample without any text is left as it is.

    Args:
        candidates: Samples after the first two stages; changed in place.
        model: The refiner.
        catalogue: The documentation of the APIs.
        uses: Whether a program must call all of its given APIs, or any.

    """
    asked = [candidate for candidate in candidates if candidate.code.strip()]
    answers = model.ask(question_for(candidate, catalogue, uses) for candidate in asked)
    for candidate, answer in zip(asked, answers, strict=True):
        _take(candidate, answer, catalogue, uses)


def question_for(candidate: Candidate, catalogue: Catalogue, uses: Uses) -> Question:
    """Build the question that asks for a refined version of a sample."""
    given = [catalogue[api] for api in candidate.given_apis if api in catalogue]
    values = {
        "query": candidate.row["query"],
        "stubs": "\n".join(map(python_stub, given)),
        "task_plan": candidate.task_plan,
        "code": candidate.code,
        "findings": "\n".join(
            f"line {finding.line}, {finding.rule}: {finding.detail}"
            for finding in candidate.findings[:_MOST_FINDINGS]
        ),
        "uses_all": int(uses == "all"),
    }

    def fault(value: Mapping[str, Any]) -> str | None:
        _, findings = check_sample(candidate, value["task_plan"], value["code"], catalogue, uses)
        error = first_error(findings)
        return f"line {error.line}, {error.rule}: {error.detail}" if error else None

    return load_template("workflowbench.quality", "refinement").question(
        f"{candidate.query_id}/refinement", values, schema=ANSWER_SCHEMA, max_tokens=_MAX_TOKENS, verify=fault
    )


def _take(candidate: Candidate, answer: Answer | NoAnswer, catalogue: Catalogue, uses: Uses) -> None:
    if isinstance(answer, NoAnswer):
        candidate.found.add("not_refined")
        return
    task_plan, code = answer.value["task_plan"], answer.value["code"]
    facts, findings = check_sample(candidate, task_plan, code, catalogue, uses)
    if first_error(findings) is not None:
        candidate.found.add("refinement_failed")
        return
    candidate.task_plan, candidate.code, candidate.facts = task_plan, code, facts
    candidate.error, candidate.refiner = None, answer.model
