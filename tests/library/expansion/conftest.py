from collections.abc import Callable, Iterable, Iterator, Mapping

import polars as pl
import pytest

from workflowbench.catalogue import Api, Catalogue, builtin_catalogue
from workflowbench.llm.questions import Answer, NoAnswer, Question
from workflowbench.tables import SEED_WORKFLOWS

PREFIX = "is.workflow.actions."
BUILTIN = tuple(
    PREFIX + name for name in ("url", "downloadurl", "showresult", "alert", "notification", "date")
)


class ScriptedModel:
    """A model that answers every question by a function of it, and remembers what it was asked."""

    name = "scripted@1"

    def __init__(self, answer: Callable[[Question], object]) -> None:
        self._answer = answer
        self.asked: list[Question] = []

    def ask(self, questions: Iterable[Question]) -> Iterator[Answer | NoAnswer]:
        for question in questions:
            self.asked.append(question)
            value = self._answer(question)
            if isinstance(value, NoAnswer):
                yield value
            else:
                yield Answer(question.id, "", value, self.name)


@pytest.fixture
def scripted() -> type[ScriptedModel]:
    return ScriptedModel


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return builtin_catalogue()


@pytest.fixture(scope="session")
def pool_catalogue() -> Mapping[str, Api]:
    """Six built-in actions and three apps of one, two and four APIs."""

    def api(identifier: str) -> Api:
        words = identifier.rsplit(".", 1)[-1]
        return Api(identifier, words.title(), description=f"Shows the {words} of something.")

    owned = {"com.one.app": 1, "com.two.app": 2, "com.four.app": 4}
    others = [f"{app}.thing{number}" for app, size in owned.items() for number in range(size)]
    return {identifier: api(identifier) for identifier in (*BUILTIN, *others)}


@pytest.fixture(scope="session")
def seeds() -> Callable[..., pl.DataFrame]:
    """Builds a frame of `seed_workflows`; each argument is what differs from a plain row."""

    def build(*rows: dict[str, object]) -> pl.DataFrame:
        plain = {name: "" for name, dtype in SEED_WORKFLOWS.schema.items() if dtype == pl.String}
        numbers = {name: 0 for name, dtype in SEED_WORKFLOWS.schema.items() if dtype == pl.Int64}
        named = [
            {**plain, **numbers, "workflow_id": f"w{number}", "category": "Books", "apis": [], "tokens": []}
            | row
            for number, row in enumerate(rows)
        ]
        return SEED_WORKFLOWS.frame(named)

    return build


@pytest.fixture(scope="session")
def plain_seeds(seeds: Callable[..., pl.DataFrame]) -> pl.DataFrame:
    """Three seeds of two to four APIs: flat, with a branch and with a loop."""
    return seeds(
        {"apis": list(BUILTIN[:2]), "query": "Could you open a page for me?"},
        {"apis": list(BUILTIN[:3]), "query": "Can you tell me if it rains?", "n_conditionals": 1},
        {"apis": list(BUILTIN[:4]), "query": "Please go through my list.", "n_loops": 1},
    )
