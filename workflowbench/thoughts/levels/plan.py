"""Level 3: the task plan; of a long program by way of a summary in parts.

Every step says which statement it ends with. The steps so divide the program, and each is held against the
statements that it covers.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from workflowbench.llm.questions import Question
from workflowbench.llm.templates import load_template
from workflowbench.thoughts.levels.answers import NUMBER, TEXT, list_of, record
from workflowbench.thoughts.levels.claims import prose_fault
from workflowbench.thoughts.levels.draft import Draft, Step
from workflowbench.thoughts.levels.facts import Facts, read_facts
from workflowbench.thoughts.listing import numbered_lines, windows
from workflowbench.thoughts.program import Program

_PARTS = record(parts=list_of(record(text=TEXT, last=NUMBER)))
_PLAN = record(steps=list_of(record(title=TEXT, details=list_of(TEXT), last=NUMBER)))
_PARTS_TOKENS, _PLAN_TOKENS = 3072, 6144
_MOST_PARTS, _MOST_STEPS, _MOST_DETAILS = 24, 40, 10
_LONGEST_TITLE, _LONGEST_TEXT = 100, 400

_Value = Mapping[str, Any]
_Verifier = Callable[[_Value], str | None]


@dataclass(frozen=True, slots=True)
class Parts:
    """Asks for a summary in parts of each window of a program that is too long to be planned at once.

    Attributes:
        window: Statements in one question, at most.

    """

    window: int
    name: str = "parts"

    def questions(self, draft: Draft, program: Program) -> Iterator[Question]:
        """Ask in windows of comments; nothing if one window holds them all."""
        runs = list(windows([len(comment) for comment in draft.comments], self.window))
        if len(runs) <= 1:
            return
        facts = read_facts(program, draft.comments)
        for index, run in enumerate(runs):
            yield load_template(__package__, "parts").question(
                f"{draft.id}/{self.name}/{index}",
                {"title": draft.row["title"], "comments": _commented(draft, program, run)},
                schema=_PARTS,
                max_tokens=_PARTS_TOKENS,
                verify=_verifier(_parts, facts, run, range(run.start + 1, run.stop + 1), _MOST_PARTS),
            )

    def settle(self, draft: Draft, answers: Sequence[_Value]) -> Draft:
        """Put the parts of all windows in order."""
        return replace(draft, parts=tuple(part for answer in answers for part in _parts(answer)))


@dataclass(frozen=True, slots=True)
class Plan:
    """Asks for the steps of the plan, from the comments or, of a long program, from its parts."""

    name: str = "plan"

    def questions(self, draft: Draft, program: Program) -> Iterator[Question]:
        """Ask once; an empty program has no plan to ask for."""
        everything = range(len(draft.comments))
        if not everything:
            return
        ends = [part.last for part in draft.parts] or range(1, len(everything) + 1)
        comments = "" if draft.parts else _commented(draft, program, everything)
        yield load_template(__package__, "plan").question(
            f"{draft.id}/{self.name}",
            {"title": draft.row["title"], "parts": _part_lines(draft.parts), "comments": comments},
            schema=_PLAN,
            max_tokens=_PLAN_TOKENS,
            verify=_verifier(_steps, read_facts(program, draft.comments), everything, ends, _MOST_STEPS),
        )

    def settle(self, draft: Draft, answers: Sequence[_Value]) -> Draft:
        """Take the steps."""
        return replace(draft, plan=tuple(step for answer in answers for step in _steps(answer)))


def _commented(draft: Draft, program: Program, run: range) -> str:
    statements = program.statements[run.start : run.stop]
    return numbered_lines(statements, draft.comments[run.start : run.stop], first=run.start + 1)


def _part_lines(parts: Sequence[Step]) -> str:
    return "\n".join(f"{part.last} | {part.title}" for part in parts)


def _parts(answer: _Value) -> tuple[Step, ...]:
    return tuple(Step(part["text"].strip(), (), part["last"]) for part in answer["parts"])


def _steps(answer: _Value) -> tuple[Step, ...]:
    return tuple(
        Step(step["title"].strip(), tuple(detail.strip() for detail in step["details"]), step["last"])
        for step in answer["steps"]
    )


def _verifier(
    steps_of: Callable[[_Value], tuple[Step, ...]],
    facts: Facts,
    run: range,
    ends: Collection[int],
    most: int,
) -> _Verifier:
    """Hold steps against the statements of a run, counted from 0; they may end where `ends` say."""
    longest_title = _LONGEST_TITLE if steps_of is _steps else _LONGEST_TEXT

    def verify(answer: _Value) -> str | None:
        steps = steps_of(answer)
        if fault := _division_fault([step.last for step in steps], run, ends, most):
            return fault
        faults, first = [], run.start + 1
        for number, step in enumerate(steps, start=1):
            grounds = facts.within(first, step.last)
            if fault := _form_fault(step, longest_title) or prose_fault(step.texts, grounds):
                faults.append(f"{number} {fault}")
            first = step.last + 1
        return "; ".join(faults) or None

    return verify


def _division_fault(lasts: Sequence[int], run: range, ends: Collection[int], most: int) -> str:
    """Say why steps that end with these statements do not divide the run; empty if they do."""
    if not 1 <= len(lasts) <= most:
        return f"{len(lasts)} entries; there may be 1 to {most}"
    if any(late <= early for early, late in pairwise(lasts)):
        return "each `last` must be greater than the one before"
    if strange := [last for last in lasts if last not in ends]:
        return f"no entry can end with {strange[0]}, which is no number of the list"
    if lasts[-1] != run.stop:
        return f"the last entry ends with {lasts[-1]}, the list with {run.stop}"
    return ""


def _form_fault(step: Step, longest_title: int) -> str:
    if not step.title or not all(step.texts):
        return "has an empty text"
    if not all(text.isprintable() for text in step.texts):
        return "has a text that is not one line of printable characters"
    if len(step.title) > longest_title or any(len(detail) > _LONGEST_TEXT for detail in step.details):
        return f"is too long: {longest_title} characters for a title, {_LONGEST_TEXT} for a detail"
    if len(step.details) > _MOST_DETAILS:
        return f"has more than {_MOST_DETAILS} details"
    return ""
