"""What a stage asks a language model, and what it gets back."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """One call of a model.

    Attributes:
        id: What is asked about, e.g. a row id and a part of it; unique in one `ask` and stable, so that an
            interrupted stage finds its answers again.
        prompt: Name and version of the prompt template, e.g. `query-expansion@1`.
        system: The system message.
        user: The user message; text of a shortcut stands in it as delimited data only.
        schema: JSON schema of the answer; None where free text is asked for.
        max_tokens: Most tokens of the answer.
        temperature: Sampling temperature; 0 is greedy.
        seed: Seed of the sampling, where one question is asked several times.
        verify: Says what is wrong with an answer (the parsed value, or the text where there is no schema), or
            None; the model is told so and asked once more. Not part of what is sent.

    """

    id: str
    prompt: str
    system: str
    user: str
    schema: Mapping[str, Any] | None = None
    max_tokens: int = 2048
    temperature: float = 0.0
    seed: int | None = None
    verify: Callable[[Any], str | None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A valid answer.

    Attributes:
        id: Id of the question.
        text: The answer as it came.
        value: The parsed JSON where the question has a schema; the text where it has none.
        model: Model and revision as the server named them, or as they were asked for if it named none.
        prompt_tokens: Tokens of all requests that led to the answer.
        completion_tokens: Tokens of all answers to them.
        is_replayed: Whether every part of it came from the ledger.

    """

    id: str
    text: str
    value: Any
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    is_replayed: bool = False


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A question that has no valid answer: it costs its own row.

    Attributes:
        id: Id of the question.
        rule: Short stable name, e.g. `refused`, `wrong_schema`, `cut_off`, `over_budget`, `unavailable`.
        detail: What happened, and what to do about it.

    """

    id: str
    rule: str
    detail: str


class Model(Protocol):
    """A model that stages ask."""

    @property
    def name(self) -> str:
        """Model and revision, as rows that it wrote name it."""

    def ask(self, questions: Iterable[Question]) -> Iterator[Answer | NoAnswer]:
        """Ask every question; answers come in the order of the questions, each exactly once."""
