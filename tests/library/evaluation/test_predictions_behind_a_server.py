"""A model under test behind a real connection: what it answered is kept, and only the rest is asked again."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from exchanges import settings
from model_server import Body, ModelServer, Reply

from workflowbench.catalogue import Catalogue
from workflowbench.evaluation.predictions import predict
from workflowbench.evaluation.scores import score_predictions
from workflowbench.generation.prompting import answer_text
from workflowbench.llm.ledger import Ledger
from workflowbench.llm.server import ServerModel


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        yield ledger


def answer(body: Body, attempt: int) -> Reply | str:
    return answer_text("1. Do it.", "is_workflow_actions_alert()")


def fail_on_pages(body: Body, attempt: int) -> Reply | str:
    is_about_pages = "a web page" in body["messages"][1]["content"]
    return Reply(status=500) if is_about_pages else answer(body, attempt)


def test_a_second_run_asks_only_what_was_not_answered(
    samples: pl.DataFrame, catalogue: Catalogue, ledger: Ledger
) -> None:
    none = samples.clear()
    with ModelServer(fail_on_pages) as server, ServerModel(settings(server, max_attempts=1), ledger) as model:
        first = predict(samples, none, catalogue, setting="id", model=model)
    assert dict(first.select("sample_id", "rule").iter_rows()) == {
        "battery": None,
        "page": "unavailable",
        "warning": None,
    }
    with ModelServer(answer) as server, ServerModel(settings(server), ledger) as model:
        second = predict(samples, none, catalogue, setting="id", model=model)
        assert len(server.received) == 1
    assert second["rule"].null_count() == 3
    assert second.filter(sample_id="battery").equals(first.filter(sample_id="battery"))


def test_an_outage_is_not_scored_as_a_bad_answer(
    samples: pl.DataFrame, catalogue: Catalogue, ledger: Ledger
) -> None:
    with ModelServer(fail_on_pages) as server, ServerModel(settings(server, max_attempts=1), ledger) as model:
        done = predict(samples, samples.clear(), catalogue, setting="id", model=model)
    with pytest.raises(ValueError, match=r"1 predictions have no answer yet \(unavailable\)"):
        score_predictions(done, samples, catalogue)
