"""Votes of a judge on programs: asked for, and kept as they came."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import polars as pl

from workflowbench.catalogue.collection import Catalogue
from workflowbench.evaluation.codebleu.comments import strip_comments
from workflowbench.evaluation.pass_rate.requirements import Requirements, extract_requirements
from workflowbench.evaluation.pass_rate.submissions import Submission
from workflowbench.llm.questions import Answer, Model, NoAnswer, Question
from workflowbench.llm.templates import Template, load_template
from workflowbench.tables import VERDICTS

_PACKAGE = "workflowbench.evaluation.pass_rate"
_MAX_TOKENS = 2048
_TEMPERATURE = 0.7
"""Sampling temperature where there are several votes; a single vote is greedy."""
_WHOLE_PROGRAM = 0

Row = dict[str, Any]


class JudgeMode(StrEnum):
    """What a judge is asked: one `verdict` as in the paper, or each of the `requirements` with evidence."""

    VERDICT = "verdict"
    REQUIREMENTS = "requirements"


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """How a judge is asked.

    Attributes:
        mode: What it is asked.
        votes: Votes on each program; an odd number leaves no tie.

    """

    mode: JudgeMode = JudgeMode.VERDICT
    votes: int = 3

    def __post_init__(self) -> None:
        if self.votes < 1:
            raise ValueError(f"{self.votes} votes decide nothing; ask for at least one")


VERDICT_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"reasons": {"type": "string"}, "verdict": {"type": "boolean"}},
    "required": ["reasons", "verdict"],
    "additionalProperties": False,
}
REQUIREMENT_VERDICTS_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "requirements": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "number": {"type": "integer"},
                    "reasons": {"type": "string"},
                    "evidence": {"type": "array", "items": {"type": "string"}},
                    "met": {"type": "boolean"},
                },
                "required": ["number", "reasons", "evidence", "met"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["requirements"],
    "additionalProperties": False,
}


def collect_votes(
    programs: Sequence[Submission], judge: Model, catalogue: Catalogue, settings: JudgeSettings
) -> pl.DataFrame:
    """Let a judge vote on programs.

    It sees the program without any comment, which can claim what the code does not do, and the APIs in
    another order at each vote.

    Args:
        programs: The programs; each key once.
        judge: The judge.
        catalogue: The documentation of the APIs.
        settings: How it is asked.

    Returns:
        Rows of `verdicts`, sorted by key. A vote that did not come in is a row with its rule.

    """
    booth = _Booth(judge, catalogue, settings)
    by_requirement = settings.mode is JudgeMode.REQUIREMENTS
    rows = booth.requirement_rows(programs) if by_requirement else booth.rows(programs)
    return VERDICTS.frame(rows).sort(VERDICTS.key)


class _Booth:
    """Asks one judge in one way."""

    def __init__(self, judge: Model, catalogue: Catalogue, settings: JudgeSettings) -> None:
        self._judge = judge
        self._catalogue = catalogue
        self._settings = settings

    def rows(self, programs: Sequence[Submission]) -> Iterator[Row]:
        """One row for each vote on a whole program."""
        template = load_template(_PACKAGE, "verdict")
        ballots = [(program, vote) for program in programs for vote in self._votes]
        questions = (self._question(template, program, vote, {}, VERDICT_SCHEMA) for program, vote in ballots)
        for (program, vote), outcome in zip(ballots, self._judge.ask(questions), strict=True):
            row = self._row(program, vote, template.name)
            if isinstance(outcome, NoAnswer):
                yield row | _missing(outcome.rule, outcome.detail)
            else:
                value = outcome.value
                yield row | {"verdict": value["verdict"], "reasons": value["reasons"]}

    def requirement_rows(self, programs: Sequence[Submission]) -> Iterator[Row]:
        """One row for each vote on each requirement of a program."""
        template = load_template(_PACKAGE, "requirement_verdicts")
        required = extract_requirements((program.query for program in programs), self._judge)
        ballots = []
        for program, vote in ((program, vote) for program in programs for vote in self._votes):
            found = required[program.query]
            if isinstance(found, NoAnswer):
                detail = f"The request could not be taken apart: {found.detail}"
                yield self._row(program, vote, template.name) | _missing(found.rule, detail)
            else:
                ballots.append((program, vote, found))
        questions = (
            self._question(
                template,
                program,
                vote,
                {"requirements": list(found)},
                REQUIREMENT_VERDICTS_SCHEMA,
                _Evidence(_shown(program.code), len(found)),
            )
            for program, vote, found in ballots
        )
        for (program, vote, found), outcome in zip(ballots, self._judge.ask(questions), strict=True):
            yield from self._answered(self._row(program, vote, template.name), found, outcome)

    @property
    def _votes(self) -> range:
        return range(1, self._settings.votes + 1)

    def _answered(self, row: Row, required: Requirements, outcome: Answer | NoAnswer) -> Iterator[Row]:
        if isinstance(outcome, NoAnswer):
            yield row | _missing(outcome.rule, outcome.detail)
            return
        for judged in sorted(outcome.value["requirements"], key=lambda judged: judged["number"]):
            yield row | {
                "requirement": judged["number"],
                "requirement_text": required[judged["number"] - 1],
                "verdict": judged["met"],
                "evidence": judged["evidence"],
                "reasons": judged["reasons"],
            }

    def _question(
        self,
        template: Template,
        program: Submission,
        vote: int,
        values: Mapping[str, object],
        schema: Mapping[str, Any],
        verify: "_Evidence | None" = None,
    ) -> Question:
        return template.question(
            "/".join([*program.key, self._settings.mode, str(vote)]),
            {
                "query": program.query,
                "functions": self._functions(program, vote),
                "code": _shown(program.code),
                **values,
            },
            schema=schema,
            max_tokens=_MAX_TOKENS,
            temperature=_TEMPERATURE if self._settings.votes > 1 else 0.0,
            seed=vote,
            verify=verify,
        )

    def _functions(self, program: Submission, vote: int) -> list[str]:
        apis = [self._catalogue[api] for api in program.given_apis if api in self._catalogue]
        random.Random(f"{program.sample_id}/{vote}").shuffle(apis)  # noqa: S311 - an order, no secret
        return [f"{api.function}: {api.description or api.name}" for api in apis]

    def _row(self, program: Submission, vote: int, prompt: str) -> Row:
        return {
            "model": program.model,
            "setting": program.setting,
            "sample_id": program.sample_id,
            "mode": self._settings.mode.value,
            "vote": vote,
            "requirement": _WHOLE_PROGRAM,
            "evidence": [],
            "judge": self._judge.name,
            "prompt": prompt,
        }


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Says what is wrong with verdicts on requirements.

    Attributes:
        code: The program as the judge saw it.
        n_required: Number of the requirements.

    """

    code: str
    n_required: int

    def __call__(self, value: Mapping[str, Any]) -> str | None:
        """What is wrong, or None."""
        judged = value["requirements"]
        if sorted(each["number"] for each in judged) != list(range(1, self.n_required + 1)):
            return f"`requirements` must hold each number from 1 to {self.n_required} once"
        for each in judged:
            if each["met"] != bool(each["evidence"]):
                return f"requirement {each['number']}: there is evidence if and only if it is met"
            if absent := self._absent(each["evidence"]):
                return f"requirement {each['number']}: no line of the program reads {absent[:200]!r}"
        return None

    def _absent(self, evidence: Sequence[str]) -> str | None:
        """The first quoted line that is none of the program; blank ones prove nothing."""
        lines = {line.strip() for line in self.code.split("\n")} - {""}
        quoted = [line.strip() for quote in evidence for line in quote.strip().split("\n")]
        return next((line or "a blank line" for line in quoted if line not in lines), None)


def _shown(code: str) -> str:
    return strip_comments(code)


def _missing(rule: str, detail: str) -> Row:
    return {"rule": rule, "detail": detail}
