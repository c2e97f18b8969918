"""Generation: from synthetic queries to workflows, by the `retrieval` annotator or by a chat model."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from workflowbench.catalogue.api import Api
from workflowbench.catalogue.rendering import python_stub
from workflowbench.generation import retrieval
from workflowbench.generation.answers import Unusable, parse
from workflowbench.generation.prompting import PROMPT, Demonstration, Message, chat_messages
from workflowbench.generation.retrieval import RetrievalAnnotator, Workflow
from workflowbench.generation.seed_index import SeedIndex
from workflowbench.llm.questions import Model, NoAnswer, Question
from workflowbench.shortcuts.program_errors import ProgramError
from workflowbench.tables import GENERATED_WORKFLOWS, GENERATED_WORKFLOWS_DROPPED

MOST_PROMPT_CHARACTERS = 60_000
"""Characters of the longest prompt, unless another limit is given: about 17,000 tokens."""
MOST_ANSWER_TOKENS = 8192
"""Most tokens of an answer: the length that the annotator is trained on (paper, section 4.1)."""

_TITLE_LIMIT = 120
_CANDIDATES = 10

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Generation:
    """Rows of `generated_workflows` and of `generated_workflows_dropped`, each sorted by key."""

    workflows: pl.DataFrame
    dropped: pl.DataFrame


def generate(
    queries: pl.DataFrame,
    seeds: pl.DataFrame,
    catalogue: Mapping[str, Api],
    *,
    annotator: Literal["retrieval"] | Model,
    icl: int = 1,
    most_prompt_characters: int = MOST_PROMPT_CHARACTERS,
    progress: Callable[[int], object] | None = None,
) -> Generation:
    """Write a workflow for each query.

    A model is shown the nearest seeds that fit into the prompt; a prompt that is too long without any is not
    sent, and its query is dropped.

    Args:
        queries: Rows of `expanded_queries`.
        seeds: Rows of `seed_workflows` that may be adapted or shown; the caller keeps test workflows out, and
            asks for the queries of each pool apart if different seeds may serve them.
        catalogue: API by identifier.
        annotator: `retrieval`, which works by rules, or a chat model.
        icl: In-context examples that a model is shown at most.
        most_prompt_characters: Characters of both messages of the longest prompt.
        progress: Called with 1 for every query that a workflow was written for, or tried to.

    """
    known: list[Row] = []
    done: list[Row] = []
    for query in queries.iter_rows(named=True):
        if unknown := [identifier for identifier in query["apis"] if identifier not in catalogue]:
            detail = f"The catalogue does not document {', '.join(unknown)}; use the one that was sampled."
            done.append(_dropped(query, Unusable("unknown_api", detail)))
        else:
            known.append(query)
    if annotator == "retrieval":
        written = _retrieved(known, RetrievalAnnotator(seeds, catalogue), catalogue)
    else:
        written = _asked(known, _Prompter(seeds, catalogue, icl, most_prompt_characters), annotator)
    for row in written:
        done.append(row)
        if progress is not None:
            progress(1)
    return Generation(
        GENERATED_WORKFLOWS.frame(row for row in done if "code" in row).sort(GENERATED_WORKFLOWS.key),
        GENERATED_WORKFLOWS_DROPPED.frame(row for row in done if "rule" in row).sort(
            GENERATED_WORKFLOWS_DROPPED.key
        ),
    )


def _retrieved(
    queries: Sequence[Row], annotator: RetrievalAnnotator, catalogue: Mapping[str, Api]
) -> Iterator[Row]:
    for query in queries:
        made = _adapted(query, annotator, catalogue)
        if isinstance(made, Unusable):
            yield _dropped(query, made)
        else:
            yield _row(query) | {
                "task_plan": made.task_plan,
                "code": made.code,
                "examples": list(made.examples),
                "prompt": retrieval.PROMPT,
                "annotator": retrieval.ANNOTATOR,
            }


def _adapted(query: Row, annotator: RetrievalAnnotator, catalogue: Mapping[str, Api]) -> Workflow | Unusable:
    try:
        made = annotator.write(query["query"], [catalogue[identifier] for identifier in query["apis"]])
    except ProgramError as error:
        return Unusable("unusable_seed", f"The nearest seed does not compile: {error}. Annotate it again.")
    if not made.code:
        detail = "Every given API is a part of the language; give one that is called."
        return Unusable("nothing_to_call", detail)
    return made


def _asked(queries: Sequence[Row], prompter: "_Prompter", model: Model) -> Iterator[Row]:
    """Ask a model for each query whose prompt is not too long; all questions are one batch.

    A prompt is built when the model takes it, so that only those in flight are in memory.
    """
    too_long: list[Row] = []
    in_flight: deque[tuple[Row, list[str]]] = deque()

    def questions() -> Iterator[Question]:
        for query in queries:
            prompt = prompter.prompt(query)
            if isinstance(prompt, Unusable):
                too_long.append(_dropped(query, prompt))
            else:
                in_flight.append((query, prompt.examples))
                yield prompt.question(query["query_id"])

    for answer in model.ask(questions()):
        query, examples = in_flight.popleft()
        made = answer if isinstance(answer, NoAnswer) else parse(answer.text)
        if isinstance(made, NoAnswer | Unusable):
            yield _dropped(query, made)
        else:
            yield _row(query) | {
                "task_plan": made.task_plan,
                "code": made.code,
                "examples": examples,
                "prompt": PROMPT,
                "annotator": model.name,
            }
    yield from too_long


@dataclass(frozen=True, slots=True)
class _Prompt:
    """The messages for a query, and the workflow ids of the examples in them."""

    messages: list[Message]
    examples: list[str]

    def question(self, query_id: str) -> Question:
        system, user = (message["content"] for message in self.messages)
        return Question(query_id, PROMPT, system, user, max_tokens=MOST_ANSWER_TOKENS, verify=_complaint)


class _Prompter:
    """Builds the prompts: a query with the stubs of its APIs, and the nearest seeds that fit."""

    def __init__(
        self, seeds: pl.DataFrame, catalogue: Mapping[str, Api], icl: int, most_characters: int
    ) -> None:
        self._index = SeedIndex(seeds)
        self._catalogue = catalogue
        self._icl = icl
        self._most = most_characters
        columns = seeds.select("workflow_id", "query", "task_plan", "code")
        self._seeds = {row[0]: Demonstration(*row) for row in columns.iter_rows()}

    def prompt(self, query: Row) -> _Prompt | Unusable:
        stubs = [python_stub(self._catalogue[identifier]) for identifier in query["apis"]]
        messages = chat_messages(query["query"], stubs)
        if (size := _characters(messages)) > self._most:
            detail = "The APIs alone make the prompt too long; give fewer APIs, or raise the limit."
            return Unusable("prompt_too_long", detail, self._most, size)
        shown: list[Demonstration] = []
        for example in self._nearest(query):
            longer = chat_messages(query["query"], stubs, [*shown, example])
            if _characters(longer) <= self._most:
                shown, messages = [*shown, example], longer
            if len(shown) == self._icl:
                break
        return _Prompt(messages, [example.workflow_id for example in shown])

    def _nearest(self, query: Row) -> list[Demonstration]:
        if not self._icl:
            return []
        found = self._index.nearest(query["query"], query["apis"], self._icl + _CANDIDATES)
        return [self._seeds[workflow_id] for workflow_id in found]


def _characters(messages: Sequence[Message]) -> int:
    return sum(len(message["content"]) for message in messages)


def _complaint(answer: str) -> str | None:
    made = parse(answer)
    return made.detail if isinstance(made, Unusable) else None


def _row(query: Row) -> Row:
    given = {name: query[name] for name in ("query_id", "category", "pool", "query")}
    return given | {"given_apis": query["apis"]}


def _dropped(query: Row, reason: Unusable | NoAnswer) -> Row:
    row: Row = {
        "row_id": query["query_id"],
        "title": query["query"][:_TITLE_LIMIT],
        "stage": GENERATED_WORKFLOWS.name,
        "rule": reason.rule,
        "detail": reason.detail,
    }
    if isinstance(reason, Unusable):
        row |= {"threshold": reason.threshold, "observed": reason.observed}
    return row
