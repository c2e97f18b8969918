"""Requests: what is sent to a model for a question, as canonical JSON and as lines of a batch file.

A request is the body of a call of the chat completions endpoint. Its key names it for ever: whoever asks
the same model the same thing, through whichever backend, finds the same answer in the ledger.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self

import orjson
import polars as pl

from workflowbench.llm.questions import Question

ENDPOINT: Final = "/v1/chat/completions"
"""Endpoint class of every request, as batch lines name it."""

REQUEST_LINES = pl.Schema({"custom_id": pl.String, "method": pl.String, "url": pl.String, "body": pl.String})
"""A frame of requests: one row is a batch line, its body as JSON text."""

_SCHEMA_NOTICE = "Answer with one JSON value and nothing else. It must match this JSON schema:\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSettings:
    """What requests say beside the question: everything that an answer depends on.

    Attributes:
        model: Name of the model, as the server knows it.
        revision: Revision that the server runs, e.g. a commit, part of every key; None where the name
            says it.
        structured_output: How the server is told of a schema: `json_schema` (the server enforces it),
            `json_object` (it enforces JSON, the prompt shows the schema) or `none` (the prompt shows it).
        token_limit: Name of the body field that limits the answer; newer models of OpenAI want
            `max_completion_tokens`.
        parameters: More fields of the body, e.g. `reasoning_effort`; null leaves out a field of ours, e.g.
            `temperature` for a model that refuses it.

    """

    model: str
    revision: str | None = None
    structured_output: Literal["json_schema", "json_object", "none"] = "json_schema"
    token_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"  # noqa: S105 - no password
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Model and revision, as rows that it wrote name it."""
        return f"{self.model}@{self.revision}" if self.revision else self.model


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        key: SHA-256 of endpoint class, model, revision and canonical body, in hexadecimal.
        prompt: Name and version of the prompt template; not sent.
        body: Body of the call.
        content: The body as canonical JSON.
        max_tokens: Most tokens of the answer.
        revision: Revision that the server runs, if it is known.

    """

    key: str
    prompt: str
    body: Mapping[str, Any]
    content: bytes
    max_tokens: int
    revision: str | None

    @classmethod
    def of(cls, question: Question, settings: RequestSettings) -> Self:
        """The first request for a question."""
        messages = [
            {"role": "system", "content": _system_message(question, settings)},
            {"role": "user", "content": question.user},
        ]
        body = {
            "model": settings.model,
            "messages": messages,
            settings.token_limit: question.max_tokens,
            "temperature": question.temperature,
            "seed": question.seed,
            "response_format": _response_format(question, settings),
            **settings.parameters,
        }
        given = {name: value for name, value in body.items() if value is not None}
        return cls._build(given, question.prompt, question.max_tokens, settings.revision)

    def again(self, answer: str, complaint: str) -> Self:
        """The request that shows the model its answer and what is wrong with it."""
        said = {"role": "assistant", "content": answer}
        reply = {
            "role": "user",
            "content": f"This answer cannot be used: {complaint}\nAnswer again, in full.",
        }
        body = {**self.body, "messages": [*self.body["messages"], said, reply]}
        return self._build(body, self.prompt, self.max_tokens, self.revision)

    @classmethod
    def _build(cls, body: Mapping[str, Any], prompt: str, max_tokens: int, revision: str | None) -> Self:
        content = canonical_json(body)
        head = canonical_json([ENDPOINT, body["model"], revision])
        key = hashlib.sha256(head + b"\n" + content).hexdigest()
        return cls(key, prompt, body, content, max_tokens, revision)

    def line(self) -> bytes:
        """The request as a line of a batch file; its custom id is its key."""
        head = f'{{"custom_id":"{self.key}","method":"POST","url":"{ENDPOINT}","body":'
        return head.encode() + self.content + b"}\n"


def canonical_json(value: object) -> bytes:
    """Spell a JSON value in exactly one way: keys sorted, no white space, UTF-8.

    Raises:
        orjson.JSONEncodeError: the value is no JSON, e.g. a text with half of a surrogate pair.

    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def request_frame(requests: Iterable[Request]) -> pl.DataFrame:
    """Requests as a frame of batch lines, for programs that read tables."""
    rows = [(request.key, "POST", ENDPOINT, request.content.decode()) for request in requests]
    return pl.DataFrame(rows, schema=REQUEST_LINES, orient="row")


def _system_message(question: Question, settings: RequestSettings) -> str:
    if question.schema is None or settings.structured_output == "json_schema":
        return question.system
    return f"{question.system}\n\n{_SCHEMA_NOTICE}{canonical_json(question.schema).decode()}"


def _response_format(question: Question, settings: RequestSettings) -> dict[str, Any] | None:
    if question.schema is None or settings.structured_output == "none":
        return None
    if settings.structured_output == "json_object":
        return {"type": "json_object"}
    schema = {"name": "answer", "schema": question.schema, "strict": True}
    return {"type": "json_schema", "json_schema": schema}
