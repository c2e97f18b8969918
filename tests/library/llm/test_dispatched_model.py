import pytest

from workflowbench.llm.dispatched import DispatchedModel
from workflowbench.llm.ledger import Ledger
from workflowbench.llm.questions import Answer, NoAnswer, Question
from workflowbench.llm.requests import RequestSettings
from workflowbench.llm.results import Result

SETTINGS = RequestSettings(model="annotator-ood", revision="abc", structured_output="none")


def question(name, verify=None):
    return Question(name, "test@1", "You write workflows.", f"Write {name}.", max_tokens=50, verify=verify)


def completion(key, text):
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    return Result(key, 200, {"model": "annotator", "choices": [choice], "usage": usage})


class Program:
    """Answers requests by their last message, and counts the batches that it was given."""

    def __init__(self, answer=str.upper):
        self.answer, self.batches = answer, []

    def __call__(self, requests):
        self.batches.append(list(requests.values()))
        for key, request in requests.items():
            said = self.answer(request.body["messages"][-1]["content"])
            yield said if isinstance(said, Result) else completion(key, said)


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        yield ledger


def test_all_questions_are_one_batch_and_answers_keep_their_order(ledger):
    program = Program()
    answers = list(DispatchedModel(SETTINGS, ledger, program).ask(map(question, "abc")))
    assert [answer.text for answer in answers] == ["WRITE A.", "WRITE B.", "WRITE C."]
    assert [len(batch) for batch in program.batches] == [3]


def test_a_second_run_asks_nothing_and_hears_the_same(ledger):
    program = Program()
    first = list(DispatchedModel(SETTINGS, ledger, program).ask(map(question, "ab")))
    model = DispatchedModel(SETTINGS, ledger, program)
    again = list(model.ask(map(question, "ab")))
    assert [answer.text for answer in again] == [answer.text for answer in first]
    assert (len(program.batches), model.usage.replayed, model.usage.requests) == (1, 2, 0)


def test_only_what_is_new_is_asked(ledger):
    program = Program()
    list(DispatchedModel(SETTINGS, ledger, program).ask(map(question, "ab")))
    list(DispatchedModel(SETTINGS, ledger, program).ask(map(question, "abc")))
    assert [len(batch) for batch in program.batches] == [2, 1]


def test_other_weights_are_asked_anew(ledger):
    program = Program()
    retrained = RequestSettings(model="annotator-ood", revision="def", structured_output="none")
    for settings in (SETTINGS, retrained):
        list(DispatchedModel(settings, ledger, program).ask([question("a")]))
    assert len(program.batches) == 2


def test_a_faulty_answer_is_shown_and_asked_for_once_more(ledger):
    program = Program(lambda said: "good" if "cannot be used" in said else "bad")
    model = DispatchedModel(SETTINGS, ledger, program)
    (answer,) = model.ask([question("a", lambda text: None if text == "good" else "It is bad.")])
    assert isinstance(answer, Answer)
    assert (answer.text, len(program.batches)) == ("good", 2)


def test_a_refused_request_costs_its_own_row(ledger):
    program = Program(lambda said: said)

    def some(requests):
        for result in program(requests):
            text = result.body["choices"][0]["message"]["content"]
            yield Result(result.key, 0, {"message": "does not fit"}) if text == "Write b." else result

    first, second = DispatchedModel(SETTINGS, ledger, some).ask(map(question, "ab"))
    assert isinstance(first, Answer)
    assert (type(second), second.rule, second.detail) == (NoAnswer, "rejected", "does not fit")


def test_a_request_without_a_result_is_asked_again_by_the_next_run(ledger):
    (missed,) = DispatchedModel(SETTINGS, ledger, lambda requests: ()).ask([question("a")])
    (heard,) = DispatchedModel(SETTINGS, ledger, Program()).ask([question("a")])
    assert (type(missed), type(heard)) == (NoAnswer, Answer)


def test_results_before_a_failure_are_kept(ledger):
    def dies(requests):
        yield completion(next(iter(requests)), "done")
        raise RuntimeError("engine died")

    with pytest.raises(RuntimeError):
        list(DispatchedModel(SETTINGS, ledger, dies).ask(map(question, "ab")))
    program = Program()
    list(DispatchedModel(SETTINGS, ledger, program).ask(map(question, "ab")))
    assert [len(batch) for batch in program.batches] == [1]
