"""A workflow on its way through the levels, and what a level is."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from workflowbench.llm.questions import Question
from workflowbench.thoughts.listing import shorten
from workflowbench.thoughts.program import Program

_DESCRIPTION = 1500
"""Characters of an author's description in a prompt."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a plan, or a part of a summary.

    Attributes:
        title: What the step does.
        details: How, one line each; empty for a part of a summary.
        last: Number of the last statement that it covers; the first one follows the step before it.

    """

    title: str
    details: tuple[str, ...]
    last: int

    @property
    def texts(self) -> tuple[str, ...]:
        """Title and details."""
        return (self.title, *self.details)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a workflow so far; each level fills in its own field.

    Attributes:
        row: Row of `transcribed_workflows`.
        code: The program with its names so far, without new comments.
        renamed: Old name to new name.
        comments: One comment per statement.
        parts: Summary of a long program, empty for a short one.
        plan: Steps of the plan.
        query: What a person would ask for.

    """

    row: Mapping[str, Any]
    code: str
    renamed: Mapping[str, str]
    comments: tuple[str, ...] = ()
    parts: tuple[Step, ...] = ()
    plan: tuple[Step, ...] = ()
    query: str = ""

    @property
    def id(self) -> str:
        """Start of the ids of its questions."""
        return f"{self.row['scrape']}/{self.row['raw_id']}"

    @property
    def about(self) -> dict[str, str]:
        """Title and description of the author."""
        return {
            "title": self.row["title"],
            "description": shorten(self.row["description"] or "", _DESCRIPTION),
        }

    @property
    def recorded(self) -> Mapping[str, str]:
        """Names of the transcribed program, with what they stand for in the shortcut."""
        names: Mapping[str, str] = json.loads(self.row["variables"])
        return names


class Level(Protocol):
    """One level of thoughts: it asks about a draft, and writes the answers into it."""

    @property
    def name(self) -> str:
        """Short stable name, e.g. `comments`."""

    def questions(self, draft: Draft, program: Program, /) -> Iterator[Question]:
        """What there is to ask; nothing where the level has nothing to add."""

    def settle(self, draft: Draft, answers: Sequence[Any], /) -> Draft:
        """Write the values of the answers, in the order of the questions, into the draft."""
