"""A server on loopback that speaks OpenAI's chat completions, files and batches, and fails on request.

What it answers is a function of the request body and of how often that body came; so its answers are the same
in every run, and a test scripts any fault for any request.
"""

import asyncio
import itertools
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

Body = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What the server does with one request: it answers, after a delay, or fails.

    Attributes:
        text: Content of the message.
        finish_reason: `stop`, `length` or `content_filter`.
        refusal: The model's refusal.
        status: HTTP status.
        headers: More headers, e.g. `Retry-After`.
        error: Error message and code where the status is no 200.
        delay_s: Seconds until the answer.
        is_cut: Whether the connection is cut in the middle of the answer.
        raw: Body of the response in place of a chat completion.

    """

    text: str = ""
    finish_reason: str = "stop"
    refusal: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error: tuple[str, str] = ("the server fails as it was told to", "scripted")
    delay_s: float = 0.0
    is_cut: bool = False
    raw: bytes | None = None


Respond = Callable[[Body, int], Reply | str]
"""From a request body, and how often it came with this one, to what the server does."""


class ModelServer:
    """The server, in a thread of its own. Use it in a `with` block.

    Args:
        respond: What it does.
        latency_s: Seconds that every answer takes.
        max_concurrent: Most requests at a time; more of them wait.
        polls: How often a batch is looked at until it is complete.
        in_batch: Like `respond`, for the lines of batches.
        disorder: Rearranges the lines of a batch's results: shuffles, repeats or loses them.
        cut_creations: How many creations of a batch are carried out without a response.

    Attributes:
        answered: How often each request body, as JSON with sorted keys, was answered with a completion: what
            a provider charges for.
        received: All request bodies in the order in which they came.
        most_in_flight: Most requests that were handled at the same time.
        batches: Every batch that was created, by id.
        authorizations: All values of the header `Authorization` that came.

    """

    def __init__(
        self,
        respond: Respond,
        *,
        latency_s: float = 0.0,
        max_concurrent: int | None = None,
        polls: int = 1,
        in_batch: Respond | None = None,
        disorder: Callable[[list[bytes]], list[bytes]] = list,
        cut_creations: int = 0,
    ) -> None:
        self.answered: Counter[str] = Counter()
        self.received: list[Body] = []
        self.most_in_flight = 0
        self.batches: dict[str, Body] = {}
        self.authorizations: set[str] = set()
        self._respond = respond
        self._in_batch = in_batch or respond
        self._disorder = disorder
        self._latency_s = latency_s
        self._max_concurrent = max_concurrent
        self._polls = polls
        self._cut_creations = cut_creations
        self._attempts: Counter[str] = Counter()
        self._in_flight = 0
        self._files: dict[str, bytes] = {}
        self._numbers = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._slots = asyncio.Semaphore(self._max_concurrent or 1_000_000)
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024))
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _stop(self) -> None:
        self._server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = re.search(r"^content-length: *(\d+)", head, re.IGNORECASE | re.MULTILINE)
                body = await reader.readexactly(int(length[1]) if length else 0)
                key = re.search(r"^authorization: *(.+?)\r$", head, re.IGNORECASE | re.MULTILINE)
                self.authorizations.add(key[1] if key else "")
                method, path, _ = head.split(" ", 2)
                if not await self._handle(method, path, body, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _handle(self, method: str, path: str, body: bytes, writer: asyncio.StreamWriter) -> bool:
        if (method, path) == ("POST", "/v1/chat/completions"):
            return await self._chat(json.loads(body), writer)
        content = self._side_call(method, path, body)
        if (method, path) == ("POST", "/v1/batches") and self._cut_creations > 0:
            self._cut_creations -= 1
            return False
        _write(writer, 404 if content is None else 200, content or b"{}")
        await writer.drain()
        return True

    async def _chat(self, body: Body, writer: asyncio.StreamWriter) -> bool:
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            async with self._slots:
                reply, key = self._reply(self._respond, body)
                if reply.delay_s or self._latency_s:
                    await asyncio.sleep(reply.delay_s + self._latency_s)
        finally:
            self._in_flight -= 1
        content = response_body(body, reply)
        if reply.is_cut:
            _write(writer, 200, content, length=len(content) + 10)
            await writer.drain()
            return False
        self.answered[key] += reply.status == 200 and reply.raw is None
        _write(writer, reply.status, content, reply.headers)
        await writer.drain()
        return True

    def _reply(self, respond: Respond, body: Body) -> tuple[Reply, str]:
        key = json.dumps(body, sort_keys=True)
        self._attempts[key] += 1
        self.received.append(body)
        reply = respond(body, self._attempts[key])
        return (Reply(reply) if isinstance(reply, str) else reply), key

    def _side_call(self, method: str, path: str, body: bytes) -> bytes | None:
        path, _, query = path.removeprefix("/v1").partition("?")
        if (method, path) == ("POST", "/files"):
            return self._upload(body)
        if (method, path) == ("POST", "/batches"):
            return json.dumps(self._create(json.loads(body))).encode()
        if (method, path) == ("GET", "/batches"):
            return self._list(query)
        if match := re.fullmatch(r"/batches/([^/]+)", path):
            return json.dumps(self._look(match[1])).encode()
        if match := re.fullmatch(r"/files/([^/]+)/content", path):
            return self._files.get(match[1])
        return None

    def _upload(self, body: bytes) -> bytes:
        boundary = body.split(b"\r\n", 1)[0]
        parts = body.split(boundary)
        content = next(part for part in parts if b'name="file"' in part)
        name = f"file-{next(self._numbers)}"
        self._files[name] = content.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n")
        return json.dumps({"id": name, "object": "file", "purpose": "batch"}).encode()

    def _create(self, order: Body) -> Body:
        name = f"batch-{next(self._numbers)}"
        batch = {
            "id": name,
            "object": "batch",
            "status": "validating",
            "created_at": int(time.time()),
            "errors": None,
            "output_file_id": None,
            "error_file_id": None,
            **order,
        }
        self.batches[name] = {**batch, "polls": 0}
        return batch

    def _list(self, query: str) -> bytes:
        after = re.search(r"after=([^&]+)", query)
        names = list(reversed(self.batches))
        names = names[names.index(after[1]) + 1 :] if after else names
        page = [self.batches[name] for name in names[:2]]
        return json.dumps({"object": "list", "data": page, "has_more": len(names) > 2}).encode()

    def _look(self, name: str) -> Body:
        batch = self.batches[name]
        batch["polls"] += 1
        if batch["polls"] >= self._polls and batch["status"] not in ("completed", "failed"):
            self._complete(batch)
        return batch

    def _complete(self, batch: Body) -> None:
        output, errors = [], []
        for line in self._files[batch["input_file_id"]].splitlines():
            request = json.loads(line)
            reply, key = self._reply(self._in_batch, request["body"])
            result = _batch_result(request, reply)
            self.answered[key] += reply.status == 200
            (output if reply.status == 200 else errors).append(json.dumps(result).encode())
        batch["status"] = "completed"
        for field_name, lines in (("output_file_id", output), ("error_file_id", errors)):
            if lines:
                batch[field_name] = f"file-{next(self._numbers)}"
                self._files[batch[field_name]] = b"\n".join(self._disorder(lines)) + b"\n"


def response_body(body: Body, reply: Reply) -> bytes:
    """The body of a response: a chat completion or an error."""
    if reply.raw is not None:
        return reply.raw
    if reply.status != 200:
        message, code = reply.error
        return json.dumps({"error": {"message": message, "code": code, "type": code}}).encode()
    message = {"role": "assistant", "content": reply.text, "refusal": reply.refusal}
    sent = sum(len(each["content"].encode()) for each in body["messages"])
    usage = {"prompt_tokens": sent // 4 + 1, "completion_tokens": len(reply.text.encode()) // 4 + 1}
    choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
    completion = {"id": "chatcmpl", "object": "chat.completion", "created": 1, "model": body["model"]}
    return json.dumps({**completion, "choices": [choice], "usage": usage}).encode()


def _batch_result(request: Body, reply: Reply) -> Body:
    result: Body = {"id": "line", "custom_id": request["custom_id"], "response": None, "error": None}
    if reply.error[1] == "batch_expired":
        return {**result, "error": {"code": "batch_expired", "message": "not done in time"}}
    content = json.loads(response_body(request["body"], reply))
    return {**result, "response": {"status_code": reply.status, "request_id": "r", "body": content}}


def _write(
    writer: asyncio.StreamWriter,
    status: int,
    content: bytes,
    headers: Mapping[str, str] | None = None,
    length: int | None = None,
) -> None:
    lines = [f"HTTP/1.1 {status} Scripted", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines += [f"Content-Length: {len(content) if length is None else length}", "", ""]
    writer.write("\r\n".join(lines).encode() + content)
