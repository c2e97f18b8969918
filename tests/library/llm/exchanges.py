"""Questions and answers of tests of language models."""

import json
from typing import Any

from model_server import Body, ModelServer

from workflowbench.llm.questions import Question
from workflowbench.llm.sending import ServerSettings

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}


def question(number: int, **fields: Any) -> Question:
    given = {"system": "Answer.", "user": f"What is {number}?", "schema": SCHEMA, "max_tokens": 100}
    return Question(id=f"question-{number}", prompt="test@1", **(given | fields))


def echo(body: Body, attempt: int) -> str:
    """A valid answer that depends on the request alone."""
    return json.dumps({"answer": body["messages"][1]["content"]})


def number_of(body: Body) -> int:
    return int(body["messages"][1]["content"].removeprefix("What is ").removesuffix("?"))


def settings(server: ModelServer, **fields: Any) -> ServerSettings:
    given = {"model": "tiny", "base_url": server.url, "backoff_s": 0.01, "timeout_s": 5.0, "outage_s": 1.0}
    return ServerSettings(**(given | fields))
