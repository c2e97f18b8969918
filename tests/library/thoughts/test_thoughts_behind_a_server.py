"""Thoughts by a model behind a real connection: rebuilt from the ledger, and re-asked where a row changed."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import polars as pl
import pytest
from exchanges import settings
from model_server import Body, ModelServer
from scripted_model import sensible

from workflowbench.catalogue.api import Api
from workflowbench.llm.ledger import Ledger
from workflowbench.llm.questions import Question
from workflowbench.llm.replay import LedgerModel
from workflowbench.llm.server import ServerModel
from workflowbench.thoughts.with_model import annotate_with_model

Catalogue = Mapping[str, Api]
Frame = Callable[..., pl.DataFrame]

PROGRAMS = [
    f"Text = '''Hello {name}'''\nis_workflow_actions_notification( WFNotificationActionBody=Text)\n"
    for name in ("Ann", "Bob", "Cem")
]
LEVELS = {"parts": "parts", "steps": "plan", "query": "query"}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        yield ledger


def respond(body: Body, attempt: int) -> str:
    """A sensible answer that depends on the request alone."""
    system, user = (message["content"] for message in body["messages"][:2])
    schema = body["response_format"]["json_schema"]["schema"]
    numbered = "names" if 'name="results"' in user else "comments"
    level = LEVELS.get(next(iter(schema["properties"])), numbered)
    return json.dumps(sensible(Question(user, f"thought-{level}@1", system, user, schema=schema)))


def test_a_rebuild_asks_nothing_and_gives_the_same_tables(
    transcribed: Frame, catalogue: Catalogue, ledger: Ledger
):
    rows = transcribed(*PROGRAMS)
    with ModelServer(respond) as server, ServerModel(settings(server), ledger) as model:
        built = annotate_with_model(rows, catalogue, model)
    assert built[0].height == 3
    assert built[0]["annotator"].unique().to_list() == [model.name]
    replayed = annotate_with_model(rows, catalogue, LedgerModel(settings(server), ledger))
    assert all(one.equals(other) for one, other in zip(built, replayed, strict=True))


def test_a_changed_row_alone_is_asked_about(transcribed: Frame, catalogue: Catalogue, ledger: Ledger):
    changed = [PROGRAMS[0].replace("Ann", "Dan"), *PROGRAMS[1:]]
    with ModelServer(respond) as server, ServerModel(settings(server), ledger) as model:
        annotate_with_model(transcribed(*PROGRAMS), catalogue, model)
        n_before = len(server.received)
        annotate_with_model(transcribed(*changed), catalogue, model)
    again = [body["messages"][1]["content"] for body in server.received[n_before:]]
    assert len(again) == 4
    assert not any("Bob" in user or "Cem" in user for user in again)
