"""A generated workflow on its way through quality confirmation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflowbench.catalogue.collection import Catalogue
from workflowbench.quality.findings import Finding, first_error
from workflowbench.quality.format_check import read_program
from workflowbench.quality.plan_check import check_plan
from workflowbench.quality.program_check import check_program
from workflowbench.quality.statement_comments import complete_comments
from workflowbench.quality.symbol_check import Uses
from workflowbench.shortcuts.compilation import parse
from workflowbench.shortcuts.facts import CodeFacts

NOBODY = "none"
"""Refiner and judge of a sample that nobody refined or judged."""
RULES_REFINER = "rules"
"""Refiner of a sample whose missing comments were written by rule."""


@dataclass(slots=True)
class Candidate:
    """A generated workflow, as far as it has come.

    Attributes:
        row: Its row of `generated_workflows`.
        task_plan: Its plan, as it stands.
        code: Its program, as it stands.
        facts: What the program is made of; None as long as it does not compile.
        findings: What the first two stages found in the annotator's own version.
        error: The finding that drops it, if any.
        found: Rules that found something on the way, whether or not they drop it.
        refiner: Who refined it.
        judge: Who judged it.
        n_votes: Votes of the judge.
        n_votes_for: Votes that found that it does what was asked.
        twin: `query_id` of the kept sample that it repeats.

    """

    row: Mapping[str, Any]
    task_plan: str
    code: str
    facts: CodeFacts | None = None
    findings: tuple[Finding, ...] = ()
    error: Finding | None = None
    found: set[str] = field(default_factory=set)
    refiner: str = NOBODY
    judge: str = NOBODY
    n_votes: int = 0
    n_votes_for: int = 0
    twin: str | None = None

    @property
    def query_id(self) -> str:
        """Id of the query that it answers."""
        return str(self.row["query_id"])

    @property
    def given_apis(self) -> list[str]:
        """Identifiers of the APIs that its annotator was given."""
        return self.row["given_apis"] or []

    def drop(
        self, rule: str, detail: str, threshold: float | None = None, observed: float | None = None
    ) -> None:
        """Drop it by a rule that looks at the whole sample."""
        self.error = Finding(rule, 1, 1, detail, threshold, observed)
        self.found.add(rule)


def examine(row: Mapping[str, Any], catalogue: Catalogue, uses: Uses) -> Candidate:
    """Take a row of `generated_workflows` through the first two stages; a bug in them costs this row only."""
    candidate = Candidate(row, row["task_plan"] or "", row["code"] or "")
    try:
        facts, findings = check_sample(candidate, candidate.task_plan, candidate.code, catalogue, uses)
    except Exception as error:
        candidate.drop("internal_error", f"{type(error).__name__}: {error}; please report this sample.")
        return candidate
    candidate.facts, candidate.findings = facts, findings
    candidate.found.update(finding.rule for finding in findings)
    candidate.error = first_error(findings)
    return candidate


def check_sample(
    candidate: Candidate, task_plan: str, code: str, catalogue: Catalogue, uses: Uses
) -> tuple[CodeFacts | None, tuple[Finding, ...]]:
    """Check a version of a sample by the first two stages: what its program is made of, and the findings."""
    verdict = check_program(code, candidate.given_apis, catalogue, uses=uses)
    facts = verdict.reading.facts
    plan_findings = check_plan(task_plan, facts.apis if facts else (), catalogue) if facts else ()
    return facts, (*verdict.findings, *plan_findings)


def comment_by_rule(candidate: Candidate, catalogue: Catalogue) -> None:
    """Write a comment above each statement of a sound program that has none, and say so.

    The actions stay what they are, which is proven; a bug costs this sample only.
    """
    try:
        module = parse(candidate.code)
        code = complete_comments(candidate.code, module, catalogue, catalogue.by_function)
        is_same = read_program(code, catalogue.identifiers).facts == candidate.facts
    except Exception as error:
        candidate.drop("internal_error", f"{type(error).__name__}: {error}; please report this sample.")
        return
    if not is_same:
        candidate.drop("internal_error", "Comments changed the actions; please report this sample.")
    elif code != candidate.code:
        candidate.code = code
        by_rule = candidate.refiner == NOBODY
        candidate.refiner = RULES_REFINER if by_rule else f"{candidate.refiner} + {RULES_REFINER}"
