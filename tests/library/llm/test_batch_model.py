"""A model behind the batch interface: no line lost, none paid twice, whenever the process dies."""

import json
import multiprocessing
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exchanges import echo, number_of, question
from model_server import Body, ModelServer, Reply

from workflowbench.llm.batch import BatchModel
from workflowbench.llm.batch_jobs import Jobs
from workflowbench.llm.batch_service import BatchService, BatchSettings
from workflowbench.llm.budget import Budget
from workflowbench.llm.failures import ServerError
from workflowbench.llm.ledger import Ledger
from workflowbench.llm.questions import Answer, NoAnswer
from workflowbench.llm.sending import ServerSettings
from workflowbench.llm.server import ServerModel

EXPIRED = Reply(status=500, error=("not done in time", "batch_expired"))


def settings(server: ModelServer, **fields: Any) -> BatchSettings:
    given = {"model": "tiny", "base_url": server.url, "poll_s": 0.01, "grace_s": 0.05, "timeout_s": 5.0}
    return BatchSettings(**(given | fields))


def ask(server: ModelServer, ledger: Ledger, count: int, **fields: Any) -> list[Answer | NoAnswer]:
    with BatchModel(settings(server, **fields), ledger, ledger.path.parent / "batches") as model:
        return list(model.ask(question(n) for n in range(count)))


def test_answers_come_in_the_order_of_the_questions(ledger: Ledger) -> None:
    def shuffled(lines: list[bytes]) -> list[bytes]:
        return random.Random(7).sample(lines, len(lines))

    with ModelServer(echo, polls=3, disorder=shuffled) as server:
        answers = ask(server, ledger, 30)
    assert [answer.value["answer"] for answer in answers] == [f"What is {n}?" for n in range(30)]
    assert len(server.batches) == 1


def test_a_finished_batch_leaves_nothing_behind(ledger: Ledger) -> None:
    with ModelServer(echo) as server:
        ask(server, ledger, 3)
    assert Jobs(ledger.path.parent / "batches").open() == []


@pytest.mark.parametrize("limits", [{"max_lines": 4}, {"max_bytes": 2000}], ids=["lines", "bytes"])
def test_large_batches_are_split(ledger: Ledger, limits: dict[str, int]) -> None:
    with ModelServer(echo) as server:
        answers = ask(server, ledger, 10, **limits)
    assert all(isinstance(answer, Answer) for answer in answers)
    assert len(server.batches) >= 3


def test_many_questions_are_asked_part_by_part(ledger: Ledger) -> None:
    with ModelServer(echo) as server:
        answers = ask(server, ledger, 10, questions_at_once=4)
    assert [answer.id for answer in answers] == [f"question-{n}" for n in range(10)]
    assert len(server.batches) == 3


def test_only_lines_that_failed_go_out_again(ledger: Ledger) -> None:
    def respond(body: Body, attempt: int) -> Reply | str:
        return EXPIRED if attempt == 1 and number_of(body) in (2, 5) else echo(body, attempt)

    with ModelServer(respond) as server:
        answers = ask(server, ledger, 8)
    assert all(isinstance(answer, Answer) for answer in answers)
    assert len(server.received) == 10
    assert set(server.answered.values()) <= {0, 1}


def test_lines_that_never_succeed_cost_their_own_rows(ledger: Ledger) -> None:
    def respond(body: Body, attempt: int) -> Reply | str:
        faults = {2: EXPIRED, 3: Reply(status=400), 4: Reply(status=503)}
        return faults.get(number_of(body), echo(body, attempt))

    with ModelServer(respond) as server:
        outcomes = ask(server, ledger, 6)
    rules = [outcome.rule if isinstance(outcome, NoAnswer) else "" for outcome in outcomes]
    assert rules == ["", "", "unavailable", "rejected", "unavailable", ""]


@pytest.mark.parametrize(
    "disorder",
    [
        lambda lines: [*lines, *lines],
        lambda lines: [b"{torn", *lines],
        lambda lines: [json.dumps({"custom_id": "another", "response": None}).encode(), *lines],
    ],
    ids=["repeated", "damaged", "foreign"],
)
def test_odd_lines_change_nothing(ledger: Ledger, disorder: Callable[[list[bytes]], list[bytes]]) -> None:
    with ModelServer(echo, disorder=disorder) as server:
        answers = ask(server, ledger, 5)
    assert [answer.value["answer"] for answer in answers] == [f"What is {n}?" for n in range(5)]


def test_lost_lines_are_asked_for_again(ledger: Ledger) -> None:
    with ModelServer(echo, disorder=lambda lines: lines[1:] if len(lines) > 1 else lines) as server:
        answers = ask(server, ledger, 3)
    assert all(isinstance(answer, Answer) for answer in answers)


def test_a_wrong_answer_is_asked_for_again_in_another_batch(ledger: Ledger) -> None:
    def respond(body: Body, attempt: int) -> str:
        return echo(body, attempt) if number_of(body) != 1 or len(body["messages"]) > 2 else "wrong"

    with ModelServer(respond) as server:
        answers = ask(server, ledger, 3)
    assert all(isinstance(answer, Answer) for answer in answers)
    assert len(server.batches) == 2


def test_a_creation_without_a_response_is_not_repeated(ledger: Ledger) -> None:
    with ModelServer(echo, cut_creations=1) as server:
        answers = ask(server, ledger, 3)
    assert all(isinstance(answer, Answer) for answer in answers)
    assert len(server.batches) == 1


def test_the_ledger_is_one_for_all_backends(ledger: Ledger) -> None:
    with ModelServer(echo) as server:
        ask(server, ledger, 3)
        direct = ServerSettings(model="tiny", base_url=server.url)
        with ServerModel(direct, ledger) as model:
            answers = list(model.ask(question(n) for n in range(3)))
    assert all(answer.is_replayed for answer in answers)


def test_what_the_budget_does_not_allow_is_not_submitted(ledger: Ledger) -> None:
    budget = Budget(max_tokens=1200)
    with (
        ModelServer(echo) as server,
        BatchModel(settings(server), ledger, ledger.path.parent / "batches", budget=budget) as model,
    ):
        outcomes = list(model.ask(question(n) for n in range(100)))
    rules = {outcome.rule for outcome in outcomes if isinstance(outcome, NoAnswer)}
    assert rules == {"over_budget"}
    assert 300 < budget.tokens <= 1200


def test_one_process_uses_a_folder_at_a_time(ledger: Ledger) -> None:
    folder = ledger.path.parent / "batches"
    with (
        ModelServer(echo) as server,
        Jobs(folder).locked(),
        pytest.raises(ServerError, match="Another process"),
    ):
        ask(server, ledger, 1)


def test_a_batch_that_takes_too_long_is_collected_by_a_later_run(ledger: Ledger) -> None:
    with ModelServer(echo, polls=5) as server:
        with pytest.raises(ServerError, match="later"):
            ask(server, ledger, 3, deadline_s=0.0)
        assert len(ask(server, ledger, 3)) == 3
    assert len(server.batches) == 1


def test_a_run_with_other_questions_adopts_what_is_under_way(ledger: Ledger) -> None:
    with ModelServer(echo, polls=3) as server:
        with pytest.raises(ServerError, match="later"):
            ask(server, ledger, 3, deadline_s=0.0)
        ask(server, ledger, 5)
    assert sorted(map(number_of, server.received)) == [0, 1, 2, 3, 4]


STEPS: dict[str, tuple[type, str]] = {
    "upload": (BatchService, "upload"),
    "save": (Jobs, "save"),
    "create": (BatchService, "create"),
    "poll": (BatchService, "finished"),
    "store": (Ledger, "store"),
    "remove": (Jobs, "remove"),
}


def run_and_die(url: str, path: Path, step: str, when: str, count: int) -> None:
    """Ask in batches, and be killed just before or after the so-manieth time of a step."""
    owner, name = STEPS[step]
    original = getattr(owner, name)
    left = count

    def dying(*arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        value = original(*arguments)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return value

    setattr(owner, name, dying)
    configuration = BatchSettings(model="tiny", base_url=url, poll_s=0.01, grace_s=0.05, max_lines=3)
    with Ledger(path) as ledger, BatchModel(configuration, ledger, path.parent / "batches") as model:
        list(model.ask(question(n) for n in range(5)))


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("step", "count"),
    [
        ("upload", 1),
        ("save", 1),
        ("create", 1),
        ("save", 2),
        ("create", 2),
        ("poll", 1),
        ("store", 2),
        ("remove", 1),
    ],
)
def test_whenever_the_process_dies_no_request_is_paid_twice(
    tmp_path: Path, step: str, when: str, count: int
) -> None:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["workflowbench.llm.batch", "model_server", "exchanges"])
    with ModelServer(echo, polls=2) as server:
        arguments = (server.url, tmp_path / "ledger.sqlite", step, when, count)
        process = processes.Process(target=run_and_die, args=arguments)
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            answers = ask(server, ledger, 5, max_lines=3)
    assert [answer.value["answer"] for answer in answers] == [f"What is {n}?" for n in range(5)]
    assert set(server.answered.values()) == {1}
