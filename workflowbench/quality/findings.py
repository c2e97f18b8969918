"""What is found in a sample, and the rules by which it is looked at.

A rule is an error, which drops the sample, or a warning, which is only counted. The rules are listed in the
order in which they are applied: a sample is dropped by the first error in this order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["format", "symbolic", "semantic", "duplicate"]
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its stage, whether breaking it drops the sample, and what a sample that keeps it is like."""

    stage: Stage
    severity: Severity
    meaning: str


RULES: dict[str, Rule] = {
    "no_code": Rule("format", "error", "The program has an action."),
    "too_long": Rule("format", "error", "The program is no longer than any that a person wrote."),
    "does_not_parse": Rule("format", "error", "Python's own parser accepts the program."),
    "not_our_style": Rule("format", "error", "The program is of the Python style and compiles to actions."),
    "no_plan": Rule("format", "error", "The sample has a task plan."),
    "missing_comment": Rule("format", "warning", "A comment stands above each statement."),
    "undefined_name": Rule("symbolic", "error", "A name is defined before it is used."),
    "maybe_undefined": Rule("symbolic", "error", "A result is defined on every path to its use."),
    "missing_result": Rule("symbolic", "error", "A result that is used comes from an action of the program."),
    "never_set": Rule("symbolic", "error", "A variable that is used is set somewhere."),
    "undocumented_api": Rule("symbolic", "error", "Each API that is called is in the catalogue."),
    "api_not_given": Rule("symbolic", "error", "Each API that is called is one of those given."),
    "unused_api": Rule("symbolic", "error", "The given APIs are called: all of them, or at least one."),
    "unknown_argument": Rule("symbolic", "error", "An API is given no argument that it does not document."),
    "missing_argument": Rule("symbolic", "error", "An API is given every argument that it requires."),
    "wrong_type": Rule("symbolic", "error", "A literal argument is of the type that its parameter has."),
    "illegal_value": Rule("symbolic", "error", "A literal argument is one of its parameter's values."),
    "empty_block": Rule("symbolic", "error", "An `if`, menu or loop does something in at least one branch."),
    "constant_condition": Rule("symbolic", "error", "A condition depends on something."),
    "unreachable": Rule("symbolic", "error", "Every statement and menu case can be reached."),
    "maybe_empty": Rule("symbolic", "warning", "A variable is set on every path to its use."),
    "plan_names_absent_api": Rule("symbolic", "warning", "The plan names no API that is not called."),
    "implicit_input": Rule("symbolic", "warning", "An action is handed its input by name."),
    "unused_result": Rule("symbolic", "warning", "A name that is given to a result is used."),
    "repeated_call": Rule("symbolic", "warning", "No call follows an equal one at once."),
    "internal_error": Rule("symbolic", "error", "The checks come to an end; if not, they are at fault."),
    "not_refined": Rule("semantic", "warning", "The refiner gives a valid answer."),
    "refinement_failed": Rule("semantic", "warning", "The refined program passes the first two stages."),
    "no_verdict": Rule("semantic", "error", "Enough votes of the judge come in to decide."),
    "rejected": Rule("semantic", "error", "Enough votes find that the program does what was asked."),
    "duplicate_program": Rule("duplicate", "error", "No other kept sample has the same actions."),
    "near_duplicate_query": Rule("duplicate", "error", "No other kept sample has nearly the same query."),
}
"""Rules by name, in the order in which they are applied."""

_ORDER = {name: number for number, name in enumerate(RULES)}


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a sample breaks at one place.

    Attributes:
        rule: Name of the rule in `RULES`.
        line: Line from 1.
        column: Column from 1, in bytes of UTF-8 as Python counts.
        detail: What was found, and what to do about it.
        threshold: Limit of the rule, where it has one.
        observed: Value that crossed the limit, where there is one.

    """

    rule: str
    line: int
    column: int
    detail: str
    threshold: float | None = None
    observed: float | None = None

    @property
    def severity(self) -> Severity:
        """`error` or `warning`."""
        return RULES[self.rule].severity

    @property
    def stage(self) -> Stage:
        """Stage of the rule."""
        return RULES[self.rule].stage


def first_error(findings: Iterable[Finding]) -> Finding | None:
    """Return the error that drops a program: of the first rule in order, the first in the program."""
    errors = (finding for finding in findings if finding.severity == "error")
    return min(errors, key=lambda finding: (_ORDER[finding.rule], finding.line, finding.column), default=None)
