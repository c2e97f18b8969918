import asyncio
import time

import orjson
import pytest

from workflowbench.inference.answering import EngineDiedError, answer_all
from workflowbench.inference.job import InferenceJob
from workflowbench.inference.lines import AnswerFile, BadRequestError, Completion, RequestLine
from workflowbench.training.progress import Progress


class Echo:
    """An engine that says what it was asked; `fate` makes it fail."""

    def __init__(self, fate=None, seconds=0.0):
        self.fate, self.seconds, self.asked = fate or {}, seconds, []
        self.n_at_once = self.most_at_once = 0
        self.last_token_at = 0.0

    async def answer(self, request):
        self.asked.append(request.custom_id)
        self.n_at_once += 1
        self.most_at_once = max(self.most_at_once, self.n_at_once)
        await asyncio.sleep(self.seconds)
        self.n_at_once -= 1
        if request.custom_id in self.fate:
            raise self.fate[request.custom_id]
        self.last_token_at = time.monotonic()
        return Completion(request.body["text"], "stop", 1, 1)


def job(tmp_path, **settings):
    return InferenceJob(model="m", requests="in", output=str(tmp_path / "out"), **settings)


REQUESTS = [RequestLine(f"r{number}", {"text": str(number)}) for number in range(20)]


def run(tmp_path, engine, **settings):
    progress = Progress(tmp_path / "progress.jsonl")
    with AnswerFile(tmp_path / "out", "tiny") as answers:
        return asyncio.run(answer_all(job(tmp_path, **settings), engine, REQUESTS, answers, progress))


def answers(tmp_path):
    rows = map(orjson.loads, (tmp_path / "out").read_bytes().splitlines())
    return {
        row["custom_id"]: row["error"] or row["response"]["body"]["choices"][0]["message"] for row in rows
    }


def test_every_request_gets_its_own_answer(tmp_path):
    assert run(tmp_path, Echo())["n_answered"] == 20
    assert {name: answer["content"] for name, answer in answers(tmp_path).items()} == {
        request.custom_id: request.body["text"] for request in REQUESTS
    }


def test_no_more_are_in_flight_than_allowed(tmp_path):
    engine = Echo(seconds=0.01)
    run(tmp_path, engine, in_flight=3)
    assert engine.most_at_once == 3


def test_a_bad_request_costs_its_own_line(tmp_path):
    figures = run(tmp_path, Echo({"r7": BadRequestError("too long")}))
    assert (figures["n_answered"], figures["n_failed"]) == (19, 1)
    assert answers(tmp_path)["r7"]["message"] == "too long"


def test_a_dead_engine_ends_the_run_and_keeps_what_is_done(tmp_path):
    with pytest.raises(EngineDiedError):
        run(tmp_path, Echo({"r7": EngineDiedError("gone")}), in_flight=1)
    assert list(answers(tmp_path)) == [f"r{number}" for number in range(7)]


def test_a_new_run_asks_only_for_what_is_missing(tmp_path):
    with pytest.raises(EngineDiedError):
        run(tmp_path, Echo({"r7": EngineDiedError("gone")}), in_flight=1)
    engine = Echo()
    run(tmp_path, engine, in_flight=1)
    assert engine.asked == [f"r{number}" for number in range(7, 20)]
    assert len(answers(tmp_path)) == 20


def test_an_engine_that_says_nothing_counts_as_dead(tmp_path):
    with pytest.raises(EngineDiedError, match="wrote no token"):
        run(tmp_path, Echo(seconds=30), stall_seconds=0.2)
