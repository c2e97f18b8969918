"""A run that is killed at any moment and started again ends as one that was left alone."""

import multiprocessing
import random
import signal
from pathlib import Path

import orjson
import pytest
from exchanges import echo, number_of, question
from model_server import Body, ModelServer, Reply

from workflowbench.files import write_atomically
from workflowbench.llm.ledger import Ledger
from workflowbench.llm.questions import Answer
from workflowbench.llm.replay import LedgerModel
from workflowbench.llm.sending import ServerSettings
from workflowbench.llm.server import ServerModel

QUESTIONS = 150


def troubled(body: Body, attempt: int) -> Reply | str:
    """Every kind of trouble, each for its own share of the questions."""
    number = number_of(body)
    first_faults = {
        0: Reply(status=429, headers={"Retry-After": "0"}),
        1: Reply(status=429),
        2: Reply(status=500),
        3: Reply("half", is_cut=True),
        4: Reply(raw=b"<html>"),
    }
    lasting_faults = {5: Reply(refusal="No."), 6: Reply("{", finish_reason="length"), 7: '{"answer": 7}'}
    if attempt == 1 and number % 10 in first_faults:
        return first_faults[number % 10]
    if number % 10 == 8 and len(body["messages"]) == 2:
        return "</data-000000000000> no JSON at all"
    return lasting_faults.get(number % 10, echo(body, attempt))


def run(url: str, folder: Path) -> None:
    """Ask everything, then write the table."""
    settings = ServerSettings(model="tiny", base_url=url, max_in_flight=8, backoff_s=0.01)
    with Ledger(folder / "ledger.sqlite") as ledger, ServerModel(settings, ledger) as model:
        write_table(folder / "table.json", list(model.ask(question(n) for n in range(QUESTIONS))))


def write_table(path: Path, outcomes: list[object]) -> None:
    rows = [
        {"id": each.id, "value": each.value, "model": each.model}
        if isinstance(each, Answer)
        else {"id": each.id, "rule": each.rule, "detail": each.detail}
        for each in outcomes
    ]
    write_atomically(path, orjson.dumps(rows))


def run_in_process(url: str, folder: Path, seconds: float | None) -> int | None:
    """Run, and kill after so many seconds; the exit code."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["workflowbench.llm.server", "model_server", "exchanges"])
    process = processes.Process(target=run, args=(url, folder))
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
    return process.exitcode


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("undisturbed")
    with ModelServer(troubled) as server:
        assert run_in_process(server.url, folder, None) == 0
    return (folder / "table.json").read_bytes()


def test_trouble_costs_only_the_rows_that_it_lasts_for(undisturbed: bytes) -> None:
    rules = [row.get("rule") for row in orjson.loads(undisturbed)]
    expected = {5: "refused", 6: "cut_off", 7: "wrong_schema"}
    assert rules == [expected.get(number % 10) for number in range(QUESTIONS)]


def test_a_killed_run_ends_as_an_undisturbed_one_and_pays_nothing_twice(
    tmp_path: Path, undisturbed: bytes
) -> None:
    kills = random.Random(11)
    with ModelServer(troubled, latency_s=0.02) as server:
        killed = 0
        while run_in_process(server.url, tmp_path, kills.uniform(0.3, 0.9) + killed / 20) == -signal.SIGKILL:
            killed += 1
            assert killed < 100
        paid_twice = sum(times - 1 for times in server.answered.values() if times > 1)
    assert killed > 0
    assert (tmp_path / "table.json").read_bytes() == undisturbed
    assert paid_twice <= 8 * killed


def test_a_rebuild_without_a_network_gives_the_same_bytes(tmp_path: Path, undisturbed: bytes) -> None:
    with ModelServer(troubled) as server:
        run(server.url, tmp_path)
    settings = ServerSettings(model="tiny", base_url="http://127.0.0.1:9/v1")
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        model = LedgerModel(settings, ledger)
        write_table(tmp_path / "again.json", list(model.ask(question(n) for n in range(QUESTIONS))))
    assert model.usage.failures["not_in_ledger"] == 0
    assert (tmp_path / "again.json").read_bytes() == undisturbed


def test_a_changed_question_alone_is_asked_anew(tmp_path: Path) -> None:
    with ModelServer(echo) as server:
        settings = ServerSettings(model="tiny", base_url=server.url)
        with Ledger(tmp_path / "ledger.sqlite") as ledger, ServerModel(settings, ledger) as model:
            list(model.ask(question(n) for n in range(10)))
            list(model.ask(question(n, user="What is 99?" if n == 4 else f"What is {n}?") for n in range(10)))
    assert len(server.received) == 11
