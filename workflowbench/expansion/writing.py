"""The two writers of queries: the offline rules, and a language model."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from workflowbench.catalogue.api import Api
from workflowbench.expansion import offline_writer
from workflowbench.expansion.api_names import ApiNames
from workflowbench.expansion.draws import generator
from workflowbench.expansion.example_choice import Example
from workflowbench.expansion.prompting import PROMPT, question_for, read_answer
from workflowbench.expansion.query_rules import Fault, fault_of
from workflowbench.expansion.sampling import Slot
from workflowbench.llm.questions import Model, NoAnswer


@dataclass(frozen=True, slots=True)
class Sample:
    """What a query is to be written from: a slot and an attempt, with what was drawn for them.

    Attributes:
        slot: Place of the query.
        attempt: Number of the attempt to fill it, from 0.
        apis: The APIs that the query must need.
        examples: Collected workflows that the writer may see.

    """

    slot: Slot
    attempt: int
    apis: tuple[Api, ...]
    examples: tuple[Example, ...]

    @property
    def key(self) -> str:
        """Stable name of the sample, e.g. `Books/12/0`."""
        return f"{self.slot.key}/{self.attempt}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A query that was written, empty if none was, and the rule that it breaks."""

    query: str
    fault: Fault | None


class Writer(Protocol):
    """Writes queries.

    Attributes:
        name: `offline`, or model and revision.
        prompt: Name and version of the prompt template or of the rules.
        n_examples: In-context examples that it sees.

    """

    name: str
    prompt: str
    n_examples: int

    def write(self, samples: Iterable[Sample]) -> Iterator[Draft]:
        """Write a query from each sample, in their order."""


class OfflineWriter:
    """Writes queries by rules; it sees no examples.

    Args:
        names: Names that a query must not contain.
        seed: Seed of the choice among equivalent wordings.

    """

    name = offline_writer.WRITER
    prompt = offline_writer.PROMPT
    n_examples = 0

    def __init__(self, names: ApiNames, *, seed: int) -> None:
        self._names = names
        self._seed = seed

    def write(self, samples: Iterable[Sample]) -> Iterator[Draft]:
        """Write a query from each sample, in their order."""
        for sample in samples:
            draw = generator(self._seed, "wording", sample.key)
            query = offline_writer.write_query(sample.slot.category, sample.apis, draw)
            yield Draft(query, fault_of(query, sample.apis, self._names))


class ModelWriter:
    """Writes queries by asking a language model.

    Args:
        model: The model.
        names: Names that a query must not contain.
        n_examples: In-context examples per query.

    """

    prompt = PROMPT

    def __init__(self, model: Model, names: ApiNames, *, n_examples: int) -> None:
        self.name = model.name
        self.n_examples = n_examples
        self._model = model
        self._names = names

    def write(self, samples: Iterable[Sample]) -> Iterator[Draft]:
        """Write a query from each sample, in their order; all questions are one batch."""
        listed = list(samples)
        questions = (question_for(s.key, s.slot.category, s.apis, s.examples, self._names) for s in listed)
        for sample, answer in zip(listed, self._model.ask(questions), strict=True):
            if isinstance(answer, NoAnswer):
                yield Draft("", Fault(answer.rule, answer.detail))
            else:
                query, used_for = read_answer(answer.value, sample.apis)
                yield Draft(query, fault_of(query, sample.apis, self._names, used_for))
