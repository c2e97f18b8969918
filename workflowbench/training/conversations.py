"""Training conversations: the JSONL file that a training job reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from workflowbench.training.errors import JobError

ROLES = ("system", "user", "assistant")


@dataclass(frozen=True, slots=True)
class Conversation:
    """One sample: a conversation that ends with the answer to learn.

    Attributes:
        id: Id of the sample, for the lineage of the trained weights.
        messages: `role` and `content`; the last one is the assistant's, and the only one of it.

    """

    id: str
    messages: tuple[dict[str, str], ...]


def read_conversations(path: Path, split: str) -> list[Conversation]:
    """Read the conversations of one split.

    Args:
        path: JSONL file; a line has `id`, `split` and `messages`.
        split: The split that every line must be of: nothing else may reach the run.

    Raises:
        JobError: the file is missing or empty, or a line is malformed, of another split, or has an id twice.

    """
    conversations = list(_lines(path, split))
    if not conversations:
        raise JobError(f"{path} holds no conversation; materialize the samples that it is made from.")
    seen: set[str] = set()
    for conversation in conversations:
        if conversation.id in seen:
            raise JobError(f"{path} has the id {conversation.id!r} twice; ids must be unique.")
        seen.add(conversation.id)
    return conversations


def _lines(path: Path, split: str) -> Iterator[Conversation]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _conversation(line, split, f"Line {number} of {path}")
    except OSError as error:
        raise JobError(f"{path} cannot be read: {error.strerror}.") from error


def _conversation(line: bytes, split: str, place: str) -> Conversation:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise JobError(f"{place} is no JSON: {error}.") from error
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        raise JobError(f"{place} has no text `id`.")
    if row.get("split") != split:
        raise JobError(f"{place} is of split {row.get('split')!r}; only {split!r} rows may be in this file.")
    return Conversation(row["id"], _messages(row.get("messages"), place))


def _messages(given: Any, place: str) -> tuple[dict[str, str], ...]:
    is_list = isinstance(given, list) and given
    if not is_list or not all(isinstance(message, dict) for message in given):
        raise JobError(f"{place} has no list of `messages`.")
    messages = tuple({"role": message.get("role"), "content": message.get("content")} for message in given)
    for message in messages:
        if message["role"] not in ROLES or not isinstance(message["content"], str):
            raise JobError(f"{place}: a message needs a `role` of {', '.join(ROLES)} and a text `content`.")
    roles = [message["role"] for message in messages]
    if roles[-1] != "assistant" or roles.count("assistant") != 1:
        raise JobError(f"{place}: the last message, and only that, must be the assistant's.")
    if not messages[-1]["content"].strip():
        raise JobError(f"{place}: the assistant's message is empty, so there is nothing to learn.")
    return messages
