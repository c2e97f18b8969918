import datetime
from collections.abc import Callable, Sequence
from itertools import count

import polars as pl
import pytest

from workflowbench.bench.api_pools import api_pools
from workflowbench.bench.derivation import Derivation
from workflowbench.bench.drawing import draw
from workflowbench.bench.lineage import sample_lineage, synthetic_lineage, united
from workflowbench.bench.samples import workflowbench_samples
from workflowbench.bench.seed_splits import seed_split
from workflowbench.bench.splits import split_samples
from workflowbench.tables import (
    ANNOTATED_WORKFLOWS,
    API_CATALOGUE,
    CONFIRMED_WORKFLOWS,
    EXPANDED_QUERIES,
    GENERATED_WORKFLOWS,
    RAW_SHORTCUTS,
    SEED_WORKFLOWS,
    TRANSCRIBED_WORKFLOWS,
)

URL = "is.workflow.actions.url"
FIRST_DAY = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


_FACTS = {
    "apis": [URL],
    "n_actions": 1,
    "n_conditionals": 0,
    "n_loops": 0,
    "nesting_depth": 0,
}
_THOUGHTS = {
    "category": "Games",
    "query": "Why?",
    "task_plan": "1. **Start**",
    "code": "# Calls f\nf()",
    "annotator": "offline",
}
_ANNOTATED = _THOUGHTS | {"renamed": "{}", "same_tree": True}
_SEED = (
    _FACTS
    | _THOUGHTS
    | {"scrape": "folder-1", "title": "A title", "transcribed_code": "f()", "tokens": ["f"]}
)
_QUERY = {
    "category": "Games",
    "pool": "id",
    "query": "Why?",
    "apis": [URL],
    "apps": ["is_workflow_actions"],
    "examples": [],
    "prompt": "expand-1",
    "writer": "offline",
}
_GENERATED = {
    "category": "Games",
    "pool": "id",
    "query": "Why?",
    "given_apis": [URL],
    "task_plan": "1. **Start**",
    "code": "f()",
    "examples": [],
    "prompt": "generate-1",
    "annotator": "model",
}
_CONFIRMED = (
    _FACTS
    | _THOUGHTS
    | {
        "pool": "id",
        "given_apis": [URL],
        "tokens": ["f"],
        "annotator": "model",
        "refiner": "none",
        "judge": "none",
        "n_votes": 0,
        "n_votes_for": 0,
    }
)
_TRANSCRIBED = _FACTS | {
    "categories": [],
    "code": "f()",
    "variables": "{}",
    "repairs": [],
    "signed_by": "none",
    "parses": True,
    "round_trip": True,
    "round_trip_id": "",
}


class Corpus:
    """Collected shortcuts as the tables of the stages before the bench."""

    def __init__(self) -> None:
        self._raw: list[dict[str, object]] = []
        self._transcribed: list[dict[str, object]] = []
        self._annotated: list[dict[str, object]] = []

    def add(
        self,
        raw_id: str,
        tokens: Sequence[str],
        *,
        path: str | None = None,
        day: int = 0,
        workflow_id: str | None = None,
    ) -> None:
        """Add a version that was collected, transcribed and annotated."""
        self._offer(raw_id, path or raw_id, day, is_withdrawn=False)
        row = {
            "raw_id": raw_id,
            "workflow_id": workflow_id or f"w-{raw_id}",
            "scrape": f"folder-{day}",
            "title": raw_id,
        }
        self._transcribed.append(row | _TRANSCRIBED | {"tokens": list(tokens), "n_actions": len(tokens)})
        self._annotated.append(row | _ANNOTATED)

    def withdraw(self, path: str, *, day: int) -> None:
        """Add the notice that a place no longer offers its shortcut."""
        self._offer(f"gone-{path}-{day}", path, day, is_withdrawn=True)

    @property
    def raw(self) -> pl.DataFrame:
        """Rows of `raw_shortcuts` without payload."""
        return RAW_SHORTCUTS.frame(self._raw).drop("payload")

    @property
    def transcribed(self) -> pl.DataFrame:
        """Rows of `transcribed_workflows`."""
        return TRANSCRIBED_WORKFLOWS.frame(self._transcribed)

    @property
    def annotated(self) -> pl.DataFrame:
        """Rows of `annotated_workflows`."""
        return ANNOTATED_WORKFLOWS.frame(self._annotated)

    @property
    def tables(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """The three tables in the order in which they are made."""
        return self.raw, self.transcribed, self.annotated

    def _offer(self, raw_id: str, path: str, day: int, *, is_withdrawn: bool) -> None:
        self._raw.append(
            {
                "raw_id": raw_id,
                "scrape": f"folder-{day}",
                "source": "folder:x",
                "source_path": path,
                "title": path,
                "categories": [],
                "fetched_at": FIRST_DAY + datetime.timedelta(days=day),
                "is_withdrawn": is_withdrawn,
                "size_bytes": 0,
            }
        )


@pytest.fixture
def corpus() -> Corpus:
    return Corpus()


@pytest.fixture(scope="session")
def seeds() -> Callable[..., pl.DataFrame]:
    """Builds a frame of `seed_workflows`; each argument is what differs from a plain row."""

    def build(*rows: dict[str, object]) -> pl.DataFrame:
        named = [
            _SEED | {"workflow_id": f"w{number}", "raw_id": f"r{number}", "family": f"w{number}"} | row
            for number, row in enumerate(rows)
        ]
        return SEED_WORKFLOWS.frame(named)

    return build


@pytest.fixture(scope="session")
def confirmed() -> Callable[..., pl.DataFrame]:
    """Builds a frame of `confirmed_workflows`; each argument is what differs from a plain row."""

    def build(*rows: dict[str, object]) -> pl.DataFrame:
        named = [
            _CONFIRMED
            | {
                "sample_id": f"s{number}",
                "query_id": f"q{number}",
                "workflow_id": f"v{number}",
                "query": f"Request number{number}",
            }
            | row
            for number, row in enumerate(rows)
        ]
        return CONFIRMED_WORKFLOWS.frame(named)

    return build


DOCUMENTED = (
    *(f"is.workflow.actions.{name}" for name in ("url", "showresult", "rare", "conditional")),
    "com.held.app.do",
)
_COUNTS = {"n_parameters": 0, "required_parameters": []}
_TEXTS = [name for name in API_CATALOGUE.schema if name not in _COUNTS]
_DEV = _TEST = 0.3


def drawn(split: str, label: str) -> str:
    """Return a name that begins with a label and is drawn into a split of the test dataset."""
    low, high = {"test": (0, _TEST), "dev": (_TEST, _TEST + _DEV), "train": (_TEST + _DEV, 1)}[split]
    names = (f"{label}-{number}" for number in count())
    return next(name for name in names if low <= draw(0, name) < high)


class Dataset:
    """Seeds and synthetic workflows up to the splits; every workflow is a family of its own unless named."""

    def __init__(self) -> None:
        self._seeds: list[dict[str, object]] = []
        self._queries: list[dict[str, object]] = []
        self._generated: list[dict[str, object]] = []
        self._confirmed: list[dict[str, object]] = []

    def seed(self, split: str, label: str, *apis: str, family: str | None = None) -> str:
        """Add a collected workflow that uses some APIs and is drawn into a split; return its id."""
        name = drawn(split, label)
        self._seeds.append(
            _SEED
            | {"workflow_id": name, "raw_id": name, "family": family or name, "query": name}
            | {"apis": list(apis) or [URL], "tokens": [name] * 3}
        )
        return name

    def synthetic(
        self,
        name: str,
        *apis: str,
        shown: Sequence[str] = (),
        given: Sequence[str] = (),
        read: Sequence[str] = (),
        adapted: str | None = None,
        like: str | None = None,
    ) -> None:
        """Add a synthetic workflow.

        Args:
            name: Its sample id.
            apis: APIs that it uses.
            shown: Seeds that the writer of its query saw.
            given: APIs whose documents it was given, beside those that it uses.
            read: Seeds that the annotator saw.
            adapted: Seed that the retrieval annotator adapted, instead.
            like: Seed of whose family it is.
        """
        key = {"query_id": f"q-{name}", "query": name}
        apis_used = list(apis) or [URL]
        documents = sorted({*apis_used, *given})
        self._queries.append(_QUERY | key | {"apis": documents, "examples": list(shown)})
        writer = {"annotator": "retrieval", "examples": [adapted]} if adapted else {"examples": list(read)}
        self._generated.append(_GENERATED | key | {"given_apis": documents} | writer)
        row = {"sample_id": name, "workflow_id": f"v-{name}", "tokens": [like or name] * 3}
        self._confirmed.append(_CONFIRMED | key | row | {"apis": apis_used, "given_apis": documents})

    @property
    def seeds(self) -> pl.DataFrame:
        """Rows of `seed_workflows`."""
        return SEED_WORKFLOWS.frame(self._seeds)

    @property
    def pools(self) -> pl.DataFrame:
        """Rows of `api_pools`: `com.held.app` is held out, two actions of Shortcuts are common."""
        documents = [dict.fromkeys(_TEXTS, "") | _COUNTS | {"identifier": name} for name in DOCUMENTED]
        catalogue = API_CATALOGUE.frame(documents)
        pools = api_pools(catalogue, self.seeds, seed=0, held_out=0, n_common=2)
        is_held_out = pl.col("app") == "com_held_app"
        return pools.with_columns(pool=pl.when(is_held_out).then(pl.lit("held_out")).otherwise("pool"))

    @property
    def derivation(self) -> Derivation:
        """The samples and what they were derived from."""
        confirmed = CONFIRMED_WORKFLOWS.frame(self._confirmed)
        queries = EXPANDED_QUERIES.frame(self._queries)
        samples, _ = workflowbench_samples(self.seeds, confirmed)
        made = synthetic_lineage(queries, GENERATED_WORKFLOWS.frame(self._generated), confirmed)
        return Derivation(samples, self.seeds, queries, united(made, sample_lineage(samples)))

    @property
    def seed_splits(self) -> pl.DataFrame:
        """Rows of `seed_splits`."""
        return seed_split(self.seeds, self.pools, seed=0, dev=_DEV, test=_TEST)

    @property
    def splits(self) -> pl.DataFrame:
        """Rows of `splits`."""
        return split_samples(self.derivation, self.seed_splits, self.pools)


@pytest.fixture
def dataset() -> Dataset:
    return Dataset()
