"""Replies: what a server sent back, and whether it answers the question."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema
import orjson

from workflowbench.llm.questions import Question
from workflowbench.llm.requests import canonical_json

CUT_OFF = ("length", "max_tokens", "model_length")
"""Finish reasons of answers that reached the limit of tokens, as servers spell them."""

MAX_COMPLAINT = 1000
"""Most characters of a complaint that a model or a table gets to see."""

_FENCE = "```"


class BadReplyError(ValueError):
    """The server's response is no chat completion."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A chat completion.

    Attributes:
        text: Content of the message; empty if there is none.
        refusal: The model's refusal, where the server marks it as one.
        finish_reason: `stop`, one of `CUT_OFF`, `content_filter` or the server's own word.
        model: Model as the server named it; empty if it did not.
        prompt_tokens: Tokens of the request.
        completion_tokens: Tokens of the answer, hidden ones included.

    """

    text: str
    refusal: str | None
    finish_reason: str
    model: str
    prompt_tokens: int
    completion_tokens: int

    @property
    def is_metered(self) -> bool:
        """Whether the server said how many tokens it took."""
        return self.prompt_tokens > 0 or self.completion_tokens > 0

    @classmethod
    def of(cls, response: object) -> "Reply":
        """Read the body of a response of the chat completions endpoint.

        Raises:
            BadReplyError: a part that an answer needs is missing or of another type.

        """
        match response:
            case {"choices": [{"message": {} as message, **choice}, *_], **rest}:
                pass
            case _:
                raise BadReplyError("The response has no choices.")
        text, refusal = message.get("content"), message.get("refusal")
        if not isinstance(text, str | None) or not isinstance(refusal, str | None):
            raise BadReplyError("The message of the response is no text.")
        usage = rest.get("usage")
        tokens = usage if isinstance(usage, Mapping) else {}
        return cls(
            text or "",
            refusal,
            str(choice.get("finish_reason") or "stop"),
            str(rest.get("model") or ""),
            _count(tokens.get("prompt_tokens")),
            _count(tokens.get("completion_tokens")),
        )


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a reply.

    Attributes:
        rule: `refused`, `cut_off`, `empty`, `malformed_json`, `wrong_schema` or `wrong_content`.
        detail: What is wrong, in words that the model can act on.
        may_be_mended: Whether asking once more can help.

    """

    rule: str
    detail: str
    may_be_mended: bool


def judge(question: Question, reply: Reply) -> tuple[Any, Complaint | None]:
    """The value of an answer, or what is wrong with it."""
    complaint = _complaint_about_ending(question, reply)
    if complaint is not None:
        return None, complaint
    if question.schema is None:
        return _verified(question, reply.text)
    try:
        value = orjson.loads(_without_fence(reply.text))
    except orjson.JSONDecodeError as error:
        return None, _mendable("malformed_json", f"It is not JSON: {error}.")
    mismatch = _mismatch(question.schema, value)
    return (None, _mendable("wrong_schema", mismatch)) if mismatch else _verified(question, value)


def _complaint_about_ending(question: Question, reply: Reply) -> Complaint | None:
    if reply.refusal or reply.finish_reason == "content_filter":
        said = reply.refusal or "the server's content filter stopped the answer"
        return Complaint("refused", f"The model refused: {said[:MAX_COMPLAINT]}", may_be_mended=False)
    if reply.finish_reason in CUT_OFF:
        detail = f"The answer is longer than {question.max_tokens} tokens; allow it more."
        return Complaint("cut_off", detail, may_be_mended=False)
    if not reply.text.strip():
        return _mendable("empty", "It is empty.")
    return None


def _verified(question: Question, value: Any) -> tuple[Any, Complaint | None]:
    wrong = question.verify(value) if question.verify else None
    return (value, None) if wrong is None else (None, _mendable("wrong_content", wrong))


def _mendable(rule: str, detail: str) -> Complaint:
    return Complaint(rule, detail[:MAX_COMPLAINT], may_be_mended=True)


def _without_fence(text: str) -> str:
    opening, newline, rest = text.strip().partition("\n")
    is_fenced = newline and opening.rstrip() in (_FENCE, f"{_FENCE}json") and rest.endswith(_FENCE)
    return rest.removesuffix(_FENCE) if is_fenced else text


def _mismatch(schema: Mapping[str, Any], value: Any) -> str | None:
    try:
        error = jsonschema.exceptions.best_match(_validator(canonical_json(schema)).iter_errors(value))
    except RecursionError:
        return "It is nested too deeply."
    if error is None:
        return None
    return f"It does not match the schema at {error.json_path}: {error.message}"


@functools.lru_cache(maxsize=256)
def _validator(schema: bytes) -> jsonschema.Draft202012Validator:
    value = orjson.loads(schema)
    jsonschema.Draft202012Validator.check_schema(value)
    return jsonschema.Draft202012Validator(value)


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
