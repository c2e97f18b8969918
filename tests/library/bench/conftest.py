import datetime
from collections.abc import Callable, Sequence

import polars as pl
import pytest

from workflowbench.tables import ANNOTATED_WORKFLOWS, RAW_SHORTCUTS, SEED_WORKFLOWS, TRANSCRIBED_WORKFLOWS

FIRST_DAY = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


_FACTS = {
    "apis": ["is.workflow.actions.url"],
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
