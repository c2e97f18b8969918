"""Level 2: one comment per statement."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from workflowbench.llm.questions import Question
from workflowbench.llm.templates import load_template
from workflowbench.thoughts.levels.answers import in_order, numbered_texts
from workflowbench.thoughts.levels.draft import Draft
from workflowbench.thoughts.listing import Listed, numbered_lines, plain_lines, windows
from workflowbench.thoughts.program import Program
from workflowbench.thoughts.statements import sentence
from workflowbench.thoughts.wording import one_line

_TOKENS_PER_COMMENT = 100
_TOKENS_AROUND = 256
_LONGEST = 300
_CONTEXT = 6
"""Statements shown before and after those to comment."""
_OUTLINE_SENTENCES = 4
_OUTLINE_CHARACTERS = 70
_FEW = 4
# Python reads this in the first two lines of a file as its encoding.
_ENCODING_COOKIE = re.compile(r"coding[:=]")


@dataclass(frozen=True, slots=True)
class Comments:
    """Asks for a comment on each statement.

    Attributes:
        window: Statements in one question, at most.

    """

    window: int
    name: str = "comments"

    def questions(self, draft: Draft, program: Program) -> Iterator[Question]:
        """Ask in windows of statements, each with its neighbours and an outline of the whole program."""
        statements = program.statements
        runs = list(windows([statement.size for statement in statements], self.window))
        topics = [_topics(statements[run.start : run.stop], program) for run in runs] if runs[1:] else []
        for index, run in enumerate(runs):
            inside = statements[run.start : run.stop]
            data = {
                **draft.about,
                "outline": _outline(topics, index),
                "before": plain_lines(statements[max(run.start - _CONTEXT, 0) : run.start]),
                "statements": numbered_lines(inside, [statement.text for statement in inside], first=1),
                "after": plain_lines(statements[run.stop : run.stop + _CONTEXT]),
            }
            yield load_template(__package__, "comments").question(
                f"{draft.id}/{self.name}/{index}",
                data,
                schema=numbered_texts(len(inside)),
                max_tokens=_TOKENS_PER_COMMENT * len(inside) + _TOKENS_AROUND,
                verify=_verifier(len({statement.text for statement in inside})),
            )

    def settle(self, draft: Draft, answers: Sequence[Mapping[str, str]]) -> Draft:
        """Put the comments of all windows in the order of the statements."""
        return replace(draft, comments=tuple(_bare(text) for answer in answers for text in in_order(answer)))


def _topics(statements: Sequence[Listed], program: Program) -> str:
    """What a run of statements does, in a few words by rules."""
    said = dict.fromkeys(
        one_line(sentence(statement.node, program.vocabulary, arguments=0), _OUTLINE_CHARACTERS)
        for statement in statements
    )
    shown = list(said)[:_OUTLINE_SENTENCES]
    return "; ".join([*shown, "…"] if len(said) > len(shown) else shown)


def _outline(topics: Sequence[str], here: int) -> str:
    """One line for each window of the program; the one that is asked about is marked."""
    return "\n".join("(the statements below)" if place == here else text for place, text in enumerate(topics))


def _bare(comment: str) -> str:
    """Return a comment without the `#` and blanks that a model may put around it."""
    return comment.strip().removeprefix("#").strip()


def _verifier(n_distinct: int) -> Callable[[Mapping[str, str]], str | None]:
    def verify(answer: Mapping[str, str]) -> str | None:
        comments = {number: _bare(comment) for number, comment in answer.items()}
        faults = [f"{number} {fault}" for number, text in comments.items() if (fault := comment_fault(text))]
        if not faults and n_distinct > _FEW and 2 * len(set(comments.values())) < n_distinct:
            faults.append("different statements have the same comment")
        return "; ".join(faults) or None

    return verify


def comment_fault(comment: str) -> str:
    """Say why a text cannot stand as a comment above a statement; empty if it can."""
    if not comment:
        return "is empty"
    if len(comment) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    if not comment.isprintable():
        return "is not one line of printable characters"
    if comment.startswith("'''"):
        return "begins with three quotes, which would make it an action of the workflow"
    if _ENCODING_COOKIE.search(comment):
        return "holds `coding:` or `coding=`, which Python reads as an encoding"
    return ""
