"""A model behind a server, asked over a real connection."""

import json
import threading
import time
from collections.abc import Iterator

import pytest
from exchanges import echo, number_of, question, settings
from model_server import Body, ModelServer, Reply
from pydantic import SecretStr

from workflowbench.llm.failures import ServerError
from workflowbench.llm.ledger import Ledger
from workflowbench.llm.questions import Answer, NoAnswer, Question
from workflowbench.llm.replay import LedgerModel
from workflowbench.llm.server import ServerModel


def ask_one(respond: object, ledger: Ledger, asked: Question | None = None, **fields: object):
    with ModelServer(respond) as server, ServerModel(settings(server, **fields), ledger) as model:
        (outcome,) = model.ask([asked or question(1)])
        return outcome, model, server


def test_answers_come_in_the_order_of_the_questions(ledger: Ledger) -> None:
    def respond(body: Body, attempt: int) -> Reply:
        return Reply(echo(body, attempt), delay_s=0.05 if number_of(body) % 3 == 0 else 0.0)

    with ModelServer(respond) as server, ServerModel(settings(server), ledger) as model:
        answers = list(model.ask(question(n) for n in range(60)))
    assert [answer.id for answer in answers] == [f"question-{n}" for n in range(60)]
    assert [answer.value["answer"] for answer in answers] == [f"What is {n}?" for n in range(60)]


def test_a_second_run_replays_everything_without_a_server(ledger: Ledger) -> None:
    asked = [question(n) for n in range(20)]
    with ModelServer(echo) as server, ServerModel(settings(server), ledger) as model:
        first = list(model.ask(asked))
        configuration = settings(server)
    with ServerModel(configuration, ledger) as model:
        second = list(model.ask(asked))
    assert [answer.value for answer in second] == [answer.value for answer in first]
    assert all(answer.is_replayed for answer in second)


def test_equal_questions_in_flight_are_sent_once(ledger: Ledger) -> None:
    with ModelServer(echo, latency_s=0.05) as server, ServerModel(settings(server), ledger) as model:
        answers = list(model.ask([question(1), question(1), question(1)]))
    assert len(answers) == 3
    assert len(server.received) == 1


def test_the_schema_reaches_a_server_that_has_structured_output(ledger: Ledger) -> None:
    _, _, server = ask_one(echo, ledger)
    sent = server.received[0]["response_format"]
    assert sent["json_schema"]["schema"] == question(1).schema


@pytest.mark.parametrize("mode", ["json_object", "none"])
def test_the_schema_stands_in_the_prompt_where_the_server_has_none(ledger: Ledger, mode: str) -> None:
    _, _, server = ask_one(echo, ledger, structured_output=mode)
    assert '"required":["answer"]' in server.received[0]["messages"][0]["content"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("no JSON", "malformed_json"),
        ('{"answer": 1}', "wrong_schema"),
        ("", "empty"),
    ],
)
def test_an_answer_that_stays_wrong_costs_its_own_row(ledger: Ledger, text: str, rule: str) -> None:
    outcome, _, server = ask_one(lambda body, attempt: text, ledger)
    assert isinstance(outcome, NoAnswer)
    assert outcome.rule == rule
    assert len(server.received) == 2


def test_a_wrong_answer_is_shown_to_the_model_with_the_complaint(ledger: Ledger) -> None:
    def respond(body: Body, attempt: int) -> str:
        return echo(body, attempt) if len(body["messages"]) > 2 else '{"answer": 1}'

    outcome, _, server = ask_one(respond, ledger)
    assert isinstance(outcome, Answer)
    assert server.received[1]["messages"][2] == {"role": "assistant", "content": '{"answer": 1}'}
    assert "$.answer" in server.received[1]["messages"][3]["content"]


def test_tokens_of_both_requests_count(ledger: Ledger) -> None:
    def respond(body: Body, attempt: int) -> str:
        return echo(body, attempt) if len(body["messages"]) > 2 else "wrong"

    outcome, model, _ = ask_one(respond, ledger)
    assert outcome.prompt_tokens == model.usage.prompt_tokens
    assert model.usage.requests == 2


def test_content_that_the_stage_rejects_is_asked_for_again(ledger: Ledger) -> None:
    asked = question(1, verify=lambda value: "Too short." if len(value["answer"]) < 100 else None)
    outcome, _, server = ask_one(echo, ledger, asked)
    assert outcome == NoAnswer("question-1", "wrong_content", "Too short.")
    assert "Too short." in server.received[1]["messages"][3]["content"]


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        (Reply(refusal="I will not."), "refused"),
        (Reply("half", finish_reason="content_filter"), "refused"),
        (Reply('{"answer": "ha', finish_reason="length"), "cut_off"),
    ],
)
def test_an_ending_that_asking_again_cannot_mend_is_final(ledger: Ledger, reply: Reply, rule: str) -> None:
    outcome, _, server = ask_one(lambda body, attempt: reply, ledger)
    assert outcome.rule == rule
    assert len(server.received) == 1


FAULTS = {
    "429 with Retry-After": Reply(status=429, headers={"Retry-After": "0.2"}),
    "429 without": Reply(status=429),
    "500": Reply(status=500),
    "503": Reply(status=503),
    "cut connection": Reply("half", is_cut=True),
    "slow": Reply("late", delay_s=3.0),
    "no JSON": Reply(raw=b"<html>busy</html>"),
    "no completion": Reply(raw=b'{"choices": []}'),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_passing_fault_is_retried(ledger: Ledger, fault: Reply) -> None:
    outcome, model, _ = ask_one(
        lambda body, attempt: fault if attempt == 1 else echo(body, attempt), ledger, timeout_s=1.0
    )
    assert outcome.value == {"answer": "What is 1?"}
    assert model.usage.retries.total() >= 1


def test_the_server_is_given_the_time_that_it_asks_for(ledger: Ledger) -> None:
    started = time.monotonic()
    ask_one(
        lambda body, attempt: FAULTS["429 with Retry-After"] if attempt == 1 else echo(body, attempt), ledger
    )
    assert time.monotonic() - started >= 0.2


def test_a_question_that_always_fails_costs_its_own_row(ledger: Ledger) -> None:
    def respond(body: Body, attempt: int) -> Reply | str:
        return Reply(status=500) if number_of(body) == 3 else echo(body, attempt)

    with ModelServer(respond) as server, ServerModel(settings(server), ledger) as model:
        outcomes = list(model.ask(question(n) for n in range(6)))
    assert [outcome.rule for outcome in outcomes if isinstance(outcome, NoAnswer)] == ["unavailable"]
    assert sum(number_of(body) == 3 for body in server.received) == settings(server).max_attempts


def test_a_server_that_always_limits_ends_a_question_at_its_deadline(ledger: Ledger) -> None:
    outcome, _, server = ask_one(lambda body, attempt: Reply(status=429), ledger, deadline_s=0.3)
    assert outcome.rule == "unavailable"
    assert len(server.received) < 60


def test_a_server_that_is_down_ends_the_stage_after_few_attempts(ledger: Ledger) -> None:
    with ModelServer(lambda body, attempt: Reply(status=502)) as server:
        configuration = settings(server, max_in_flight=8, outage_questions=4, outage_s=0.5, backoff_s=0.2)
        with (
            ServerModel(configuration, ledger) as model,
            pytest.raises(ServerError, match="answered nothing"),
        ):
            list(model.ask(question(n) for n in range(5000)))
    assert len(server.received) < 100


def test_a_server_that_comes_back_is_asked_on(ledger: Ledger) -> None:
    back_at = time.monotonic() + 0.5

    def respond(body: Body, attempt: int) -> Reply | str:
        return echo(body, attempt) if time.monotonic() > back_at else Reply(status=503)

    with ModelServer(respond) as server:
        configuration = settings(server, max_in_flight=8, outage_questions=4, outage_s=5.0, backoff_s=0.2)
        with ServerModel(configuration, ledger) as model:
            outcomes = list(model.ask(question(n) for n in range(100)))
    assert all(isinstance(outcome, Answer) for outcome in outcomes)


def test_a_server_that_is_not_there_ends_the_stage(ledger: Ledger) -> None:
    with ModelServer(echo) as server:
        configuration = settings(server)
    with ServerModel(configuration, ledger) as model, pytest.raises(ServerError, match="cannot be reached"):
        list(model.ask([question(1)]))


@pytest.mark.parametrize(
    "reply", [Reply(status=401), Reply(status=404), Reply(status=429, error=("pay", "insufficient_quota"))]
)
def test_what_no_request_can_get_past_ends_the_stage_at_once(ledger: Ledger, reply: Reply) -> None:
    with (
        ModelServer(lambda body, attempt: reply) as server,
        ServerModel(settings(server), ledger) as model,
        pytest.raises(ServerError),
    ):
        list(model.ask([question(1)]))
    assert len(server.received) == 1


def test_a_prompt_that_is_too_long_is_remembered_as_such(ledger: Ledger) -> None:
    reply = Reply(status=400, error=("The maximum context length is 8 tokens.", "context_length_exceeded"))
    outcome, _, server = ask_one(lambda body, attempt: reply, ledger)
    (replayed,) = LedgerModel(settings(server), ledger).ask([question(1)])
    assert outcome.rule == "too_long"
    assert replayed == outcome


def test_a_rejected_request_is_asked_again_by_the_next_run(ledger: Ledger) -> None:
    outcome, _, _ = ask_one(lambda body, attempt: Reply(status=400), ledger)
    later, _, _ = ask_one(echo, ledger)
    assert outcome.rule == "rejected"
    assert isinstance(later, Answer)


def test_a_key_reaches_the_server_and_nothing_else(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    key = "sk-not-for-any-eyes"
    reply = Reply(status=401, error=(f"Incorrect API key: {key}", "invalid_api_key"))
    configuration: list[object] = []
    with ModelServer(lambda body, attempt: reply if number_of(body) == 2 else echo(body, attempt)) as server:
        configuration.append(settings(server, api_key=SecretStr(key)))
        with ServerModel(configuration[0], ledger) as model:
            list(model.ask([question(1)]))
        with ServerModel(configuration[0], ledger) as model, pytest.raises(ServerError) as caught:
            list(model.ask([question(2)]))
    assert server.authorizations == {f"Bearer {key}"}
    assert key not in str(caught.value) + repr(caught.value) + repr(configuration) + caplog.text
    assert not any(key.encode() in file.read_bytes() for file in ledger.path.parent.iterdir())


def test_closing_the_iterator_cancels_what_is_in_flight(ledger: Ledger) -> None:
    def respond(body: Body, attempt: int) -> Reply:
        return Reply(echo(body, attempt), delay_s=0.0 if number_of(body) == 0 else 30.0)

    with ModelServer(respond) as server, ServerModel(settings(server, timeout_s=60.0), ledger) as model:
        started = time.monotonic()
        answers = model.ask(question(n) for n in range(1000))
        assert isinstance(next(answers), Answer)
        answers.close()
    assert time.monotonic() - started < 5


def test_questions_are_taken_as_answers_are_given(ledger: Ledger) -> None:
    taken = 0

    def questions() -> Iterator[Question]:
        nonlocal taken
        for number in range(10_000):
            taken = number
            yield question(number)

    with ModelServer(echo) as server, ServerModel(settings(server, max_in_flight=2), ledger) as model:
        answers = model.ask(questions())
        next(answers)
        answers.close()
    assert taken < 100


def test_many_threads_may_ask_one_model(ledger: Ledger) -> None:
    counts: list[int] = []
    with ModelServer(echo) as server, ServerModel(settings(server), ledger) as model:
        threads = [
            threading.Thread(target=lambda: counts.append(len(list(model.ask(map(question, range(30)))))))
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert counts == [30, 30, 30]
    assert len(server.received) == 30


def test_progress_is_reported_while_the_server_works(ledger: Ledger) -> None:
    seen: list[int] = []
    with ModelServer(echo, latency_s=2.2) as server:
        configuration = settings(server)
        with ServerModel(configuration, ledger, progress=lambda usage: seen.append(usage.questions)) as model:
            list(model.ask([question(1)]))
    assert seen[0] == 0


def test_free_text_is_an_answer_as_it_came(ledger: Ledger) -> None:
    outcome, _, _ = ask_one(lambda body, attempt: "Any *text*.\n", ledger, question(1, schema=None))
    assert outcome.value == outcome.text == "Any *text*.\n"


def test_json_in_a_fence_is_read(ledger: Ledger) -> None:
    fenced = f"```json\n{json.dumps({'answer': 'yes'})}\n```"
    outcome, _, _ = ask_one(lambda body, attempt: fenced, ledger, structured_output="none")
    assert outcome.value == {"answer": "yes"}


def test_a_model_whose_server_was_down_may_be_asked_again(ledger: Ledger) -> None:
    down = [True]

    def respond(body: Body, attempt: int) -> Reply | str:
        return Reply(status=503) if down[0] else echo(body, attempt)

    with ModelServer(respond) as server:
        configuration = settings(server, outage_questions=2, outage_s=0.1)
        with ServerModel(configuration, ledger) as model:
            with pytest.raises(ServerError):
                list(model.ask(question(n) for n in range(10)))
            down[0] = False
            assert all(isinstance(outcome, Answer) for outcome in model.ask(question(n) for n in range(10)))


def test_closing_the_model_ends_whoever_asks(ledger: Ledger) -> None:
    arrived = threading.Event()

    def respond(body: Body, attempt: int) -> Reply:
        arrived.set()
        return Reply("late", delay_s=30.0)

    with ModelServer(respond) as server:
        model = ServerModel(settings(server, timeout_s=60.0), ledger)
        threading.Thread(target=lambda: arrived.wait() and model.close()).start()
        with pytest.raises(ServerError, match="closed"):
            list(model.ask([question(1)]))


def test_requests_keep_to_the_rate(ledger: Ledger) -> None:
    started = time.monotonic()
    with ModelServer(echo) as server:
        configuration = settings(server, requests_per_minute=120)
        with ServerModel(configuration, ledger) as model:
            list(model.ask(question(n) for n in range(121)))
    assert time.monotonic() - started >= 0.5


def test_a_server_that_limits_everybody_once_answers_everybody(ledger: Ledger) -> None:
    def respond(body: Body, attempt: int) -> Reply | str:
        return Reply(status=429) if attempt == 1 else echo(body, attempt)

    with (
        ModelServer(respond) as server,
        ServerModel(settings(server, max_in_flight=32), ledger) as model,
    ):
        outcomes = list(model.ask(question(n) for n in range(64)))
    assert all(isinstance(outcome, Answer) for outcome in outcomes)
    assert model.usage.retries["HTTP 429"] == 64


def test_a_server_that_rejects_every_request_ends_the_stage(ledger: Ledger) -> None:
    reply = Reply(status=400, error=("Unknown field: seed", "invalid_request_error"))
    with (
        ModelServer(lambda body, attempt: reply) as server,
        ServerModel(settings(server, max_in_flight=4, outage_questions=5), ledger) as model,
        pytest.raises(ServerError, match="Unknown field"),
    ):
        list(model.ask(question(n) for n in range(1000)))
    assert len(server.received) < 20


def test_a_server_that_asks_for_a_long_wait_ends_the_stage(ledger: Ledger) -> None:
    reply = Reply(status=429, headers={"Retry-After": "7200"})
    with (
        ModelServer(lambda body, attempt: reply) as server,
        ServerModel(settings(server), ledger) as model,
        pytest.raises(ServerError, match="7200 s"),
    ):
        list(model.ask([question(1)]))


@pytest.mark.parametrize("charset", ["hex", "rot13", "bogus"])
def test_an_error_in_an_odd_encoding_is_retried(ledger: Ledger, charset: str) -> None:
    fault = Reply(status=502, raw=b"{}", headers={"Content-Type": f"text/html; charset={charset}"})
    with (
        ModelServer(lambda body, attempt: fault if attempt == 1 else echo(body, attempt)) as server,
        ServerModel(settings(server), ledger) as model,
    ):
        (outcome,) = model.ask([question(1)])
    assert isinstance(outcome, Answer)


@pytest.mark.parametrize(("key", "said"), [("a-key-of-some-length", "[key]"), ("EMPTY", "EMPTY")])
def test_a_key_that_an_answer_repeats_is_hidden(ledger: Ledger, key: str, said: str) -> None:
    with (
        ModelServer(lambda body, attempt: json.dumps({"answer": key})) as server,
        ServerModel(settings(server, api_key=SecretStr(key)), ledger) as model,
    ):
        (outcome,) = model.ask([question(1)])
    assert isinstance(outcome, Answer)
    assert outcome.value == {"answer": said}
    assert any(said in str(entry.response) for entry in ledger.newest(1))


def test_a_server_that_names_no_model_answers_as_the_one_that_was_asked(ledger: Ledger) -> None:
    choice = {"message": {"content": '{"answer": "yes"}'}, "finish_reason": "stop"}
    outcome, _, _ = ask_one(
        lambda body, attempt: Reply(raw=json.dumps({"choices": [choice]}).encode()), ledger
    )
    assert isinstance(outcome, Answer)
    assert outcome.model == "tiny"
