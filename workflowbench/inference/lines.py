"""Request lines in, answer lines out, in the shape of OpenAI's batch files."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson

from workflowbench.files import write_atomically
from workflowbench.training.errors import JobError


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request.

    Attributes:
        custom_id: What the answer is filed under.
        body: Body of a chat completions call.

    """

    custom_id: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Completion:
    """What an engine wrote.

    Attributes:
        text: The answer, without special tokens.
        finish_reason: `stop` where the model ended it, `length` where the limit did.
        prompt_tokens: Tokens of the prompt.
        completion_tokens: Tokens of the answer.
        cached_tokens: Tokens of the prompt that the prefix cache held.

    """

    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0


class BadRequestError(Exception):
    """The engine cannot answer this request; it costs its own line."""


def read_requests(path: Path) -> list[RequestLine]:
    """Read the requests of a job.

    Raises:
        JobError: the file cannot be read, or a line is malformed or has an id that came before.

    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise JobError(f"The requests {path} cannot be read: {error.strerror}.") from error
    requests: dict[str, RequestLine] = {}
    for number, line in enumerate(lines, start=1):
        request = _request(line, f"Line {number} of {path}")
        if request.custom_id in requests:
            raise JobError(f"Line {number} of {path}: the custom_id {request.custom_id!r} came before.")
        requests[request.custom_id] = request
    return list(requests.values())


def _request(line: bytes, place: str) -> RequestLine:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise JobError(f"{place} is no JSON: {error}.") from error
    if not isinstance(row, dict) or not isinstance(row.get("custom_id"), str):
        raise JobError(f"{place} has no text `custom_id`.")
    if not isinstance(row.get("body"), dict) or not isinstance(row["body"].get("messages"), list):
        raise JobError(f"{place} has no `body` with `messages`.")
    return RequestLine(row["custom_id"], row["body"])


class AnswerFile:
    """Answers on disk, one durable line each; a line that was cut off by a kill is dropped.

    Requests that failed are asked for again by the next run of the job.
    """

    def __init__(self, path: Path, model: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = list(_whole_lines(path))
        kept = [line for line, row in whole if row["error"] is None]
        self.answered = {row["custom_id"] for _, row in whole if row["error"] is None}
        write_atomically(path, b"".join(line + b"\n" for line in kept))
        self._path = path
        self._model = model
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        self._file = self._path.open("ab")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def write(self, custom_id: str, completion: Completion) -> None:
        """File an answer."""
        usage = {
            "prompt_tokens": completion.prompt_tokens,
            "completion_tokens": completion.completion_tokens,
            "total_tokens": completion.prompt_tokens + completion.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": completion.cached_tokens},
        }
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": completion.text},
            "finish_reason": completion.finish_reason,
        }
        body = {"object": "chat.completion", "model": self._model, "choices": [choice], "usage": usage}
        self._append(custom_id, {"status_code": 200, "body": body}, None)

    def write_error(self, custom_id: str, message: str) -> None:
        """File why there is no answer."""
        self._append(
            custom_id, {"status_code": 400, "body": None}, {"code": "bad_request", "message": message}
        )

    def _append(self, custom_id: str, response: dict[str, Any], error: dict[str, str] | None) -> None:
        assert self._file
        row = {"id": custom_id, "custom_id": custom_id, "response": response, "error": error}
        self._file.write(orjson.dumps(row) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def _whole_lines(path: Path) -> Iterator[tuple[bytes, dict[str, Any]]]:
    for line in path.read_bytes().split(b"\n")[:-1] if path.exists() else ():
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(row, dict) and {"custom_id", "error"} <= row.keys():
            yield line, row
