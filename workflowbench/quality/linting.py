"""The linter: samples through the first two stages, and their queries against each other."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from workflowbench.catalogue.api import function_name
from workflowbench.catalogue.collection import Catalogue
from workflowbench.expansion.similar_queries import SIMILARITY, QueryIndex, QueryText
from workflowbench.quality.findings import RULES, Finding, first_error
from workflowbench.quality.plan_check import check_plan
from workflowbench.quality.program_calls import CONSTRUCTS
from workflowbench.quality.program_check import Verdict, check_program
from workflowbench.quality.sample_files import Sample
from workflowbench.quality.symbol_check import Uses
from workflowbench.shortcuts.names import HELPERS

_CALL = re.compile(r"(?<![\w.])([A-Za-z_]\w*+)\(")
_COMMENT_LINE = re.compile(r"^\s*#.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LintedSample:
    """What was found in one sample.

    Attributes:
        name: Name of the sample.
        parses: Whether Python's own parser accepts its program.
        compiles: Whether the program compiles to actions.
        findings: All findings: the program's in order of line and column, then the plan's and the query's.
        outside_calls: Functions that the text of the program calls and that are none of the sample's APIs.

    """

    name: str
    parses: bool
    compiles: bool
    findings: tuple[Finding, ...]
    outside_calls: tuple[str, ...]

    @property
    def first_error(self) -> Finding | None:
        """The error that the sample fails by; None if it passes."""
        return first_error(self.findings)


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule was broken: in so many samples, as the first error of so many, at so many places."""

    rule: str
    severity: str
    samples: int
    first: int
    findings: int


def lint(samples: Iterable[Sample], catalogue: Catalogue, *, uses: Uses = "all") -> list[LintedSample]:
    """Check samples, in their order.

    Args:
        samples: The samples; one without a list of APIs is not checked for what it may call.
        catalogue: The documentation of the APIs.
        uses: Whether a program must call all of its APIs, or any.

    """
    index = QueryIndex()
    return [_linted(sample, catalogue, uses, index) for sample in samples]


def count_rules(linted: Iterable[LintedSample]) -> list[RuleCount]:
    """Count the broken rules, in the order in which they are applied."""
    linted = list(linted)
    samples = Counter(rule for one in linted for rule in {finding.rule for finding in one.findings})
    firsts = Counter(one.first_error.rule for one in linted if one.first_error)
    findings = Counter(finding.rule for one in linted for finding in one.findings)
    return [
        RuleCount(rule, RULES[rule].severity, samples[rule], firsts[rule], findings[rule])
        for rule in RULES
        if samples[rule]
    ]


def outside_calls(code: str, apis: Iterable[str]) -> tuple[str, ...]:
    """Functions that a text calls and that are none of the given APIs, whether or not it parses.

    A call is a name of three parts or more before a parenthesis, outside lines of comment; what the style
    itself provides is none.
    """
    allowed = {*HELPERS, *map(function_name, apis), *map(function_name, CONSTRUCTS)}
    called = dict.fromkeys(_CALL.findall(_COMMENT_LINE.sub("", code)))
    return tuple(name for name in called if name[1:].count("_") > 1 and name not in allowed)


def _linted(sample: Sample, catalogue: Catalogue, uses: Uses, index: QueryIndex) -> LintedSample:
    verdict = check_program(sample.code, sample.apis, catalogue, uses=uses)
    findings = (*verdict.findings, *_plan_findings(sample, verdict, catalogue))
    if sample.query and (finding := _repeated_query(sample, index)):
        findings = (*findings, finding)
    return LintedSample(
        sample.name,
        parses=verdict.reading.module is not None,
        compiles=verdict.reading.facts is not None,
        findings=findings,
        outside_calls=() if sample.apis is None else outside_calls(sample.code, sample.apis),
    )


def _plan_findings(sample: Sample, verdict: Verdict, catalogue: Catalogue) -> Iterable[Finding]:
    if sample.task_plan is None or verdict.reading.facts is None:
        return ()
    return check_plan(sample.task_plan, verdict.reading.facts.apis, catalogue)


def _repeated_query(sample: Sample, index: QueryIndex) -> Finding | None:
    query = QueryText(sample.query)
    twin = index.twin_of(query)
    index.add(sample.name, query)
    if twin is None:
        return None
    detail = f"The query nearly repeats that of sample {twin.id}; keep one of them."
    return Finding("near_duplicate_query", 1, 1, detail, SIMILARITY, twin.similarity)
