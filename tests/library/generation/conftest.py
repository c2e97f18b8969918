from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import polars as pl
import pytest

from workflowbench.bench.deduplication import seed_workflows
from workflowbench.catalogue import Catalogue, builtin_catalogue
from workflowbench.collection.folder import scan_folder
from workflowbench.llm.questions import Answer, NoAnswer, Question
from workflowbench.redaction.batch import transcribe_rows
from workflowbench.tables import EXPANDED_QUERIES, RAW_SHORTCUTS
from workflowbench.thoughts.offline import annotate_offline

EXAMPLES = Path(__file__).parents[3] / "examples"


class TalkingModel:
    """A model that answers every question with a text made from it, and remembers what it was asked."""

    name = "talking@1"

    def __init__(self, answer: Callable[[Question], str | NoAnswer]) -> None:
        self._answer = answer
        self.asked: list[Question] = []

    def ask(self, questions: Iterable[Question]) -> Iterator[Answer | NoAnswer]:
        for question in questions:
            self.asked.append(question)
            text = self._answer(question)
            yield text if isinstance(text, NoAnswer) else Answer(question.id, text, text, self.name)


@pytest.fixture
def talking() -> type[TalkingModel]:
    return TalkingModel


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return builtin_catalogue()


def _seeds_of(folder: Path) -> pl.DataFrame:
    raw, _ = scan_folder(folder, scrape="folder-1", source="folder:x", known=RAW_SHORTCUTS.frame())
    transcribed, _ = transcribe_rows(raw, workers=1)
    annotated, _ = annotate_offline(transcribed, builtin_catalogue())
    return seed_workflows(raw.drop("payload"), transcribed, annotated)[0]


@pytest.fixture(scope="session")
def seeds_of() -> Callable[[Path], pl.DataFrame]:
    """Makes the seed workflows of a folder of shortcuts."""
    return _seeds_of


@pytest.fixture(scope="session")
def seeds() -> pl.DataFrame:
    """The seed workflows of the examples."""
    return _seeds_of(EXAMPLES)


@pytest.fixture(scope="session")
def queries() -> Callable[..., pl.DataFrame]:
    """Builds a frame of `expanded_queries`; each argument is the APIs of one query."""

    def build(*apis: list[str], query: str = "Could you show me a text?") -> pl.DataFrame:
        return EXPANDED_QUERIES.frame(
            {
                "query_id": f"q{number}",
                "category": "Books",
                "pool": "id",
                "query": query,
                "apis": given,
                "apps": [],
                "examples": [],
                "prompt": "offline-query@1",
                "writer": "offline",
            }
            for number, given in enumerate(apis)
        )

    return build
