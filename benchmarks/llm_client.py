"""Speed and memory of the model layer, against plain `AsyncOpenAI` behind a semaphore in the same run.

Run: `python benchmarks/llm_client.py [--latency S] [--requests N] [--replayed N] [--many N] [--rounds N]`.
The server is a process of its own on loopback that takes a fixed time for every answer and answers at most
256 requests at a time, so no client gets more than 256 / latency answers per second out of it. Each
measurement is a fresh process; the sides of a ratio are measured in the same round, one after the other; each
figure is the best of the rounds. Processor time per request is steadier than rates on a busy machine.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from pathlib import Path

import httpx2
import jsonschema
import openai

from workflowbench.llm.ledger import Entry, Ledger
from workflowbench.llm.questions import Answer, Question
from workflowbench.llm.replay import LedgerModel
from workflowbench.llm.requests import Request
from workflowbench.llm.sending import ServerSettings
from workflowbench.llm.server import ServerModel

IN_FLIGHT = 256
SCHEMA = {
    "type": "object",
    "properties": {"plan": {"type": "string"}, "query": {"type": "string"}},
    "required": ["plan", "query"],
    "additionalProperties": False,
}
TEXT = json.dumps({"plan": "Take the newest photo and send it. " * 82, "query": "Send my last photo."})
COMPLETION = {
    "id": "chatcmpl",
    "object": "chat.completion",
    "created": 1,
    "model": "tiny",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 700, "completion_tokens": 750, "total_tokens": 1450},
}
Work = Callable[[int, int, Path], None]
CONTEXT: SpawnContext = multiprocessing.get_context("spawn")


def questions(count: int) -> Iterator[Question]:
    """So many different questions of about 3 kB."""
    for number in range(count):
        yield Question(f"question-{number}", "benchmark@1", "Answer.", f"{number}: {'word ' * 560}", SCHEMA)


def settings(port: int) -> ServerSettings:
    """The server, asked 256 things at a time."""
    return ServerSettings(model="tiny", base_url=f"http://127.0.0.1:{port}/v1", max_in_flight=IN_FLIGHT)


def serve(latency: float, pipe: Connection) -> None:
    """Answer every request after the latency, at most 256 at a time, for ever."""
    content = json.dumps(COMPLETION).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while asked := await reader.readuntil(b"\r\n\r\n"):
            start = asked.lower().index(b"content-length:") + 15
            await reader.readexactly(int(asked[start : asked.index(b"\r\n", start)]))
            async with slots:
                await asyncio.sleep(latency)
            writer.write(head.encode() + content)

    async def run() -> None:
        server = await asyncio.start_server(converse, "127.0.0.1", 0, backlog=1024)
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    slots = asyncio.Semaphore(IN_FLIGHT)
    asyncio.run(run())


@contextmanager
def server(latency: float) -> Iterator[int]:
    """The port of a server that lives as long as the block."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=serve, args=(latency, theirs), daemon=True)
    process.start()
    yield ours.recv()
    process.terminate()
    process.join()


def ask_with_ledger(port: int, count: int, folder: Path) -> None:
    """Ask a server through `ServerModel`, with a new ledger."""
    with Ledger(folder / "ledger.sqlite") as ledger, ServerModel(settings(port), ledger) as model:
        assert all(isinstance(answer, Answer) for answer in model.ask(questions(count)))


def ask_plainly(port: int, count: int, _folder: Path) -> None:
    """Ask a server as a short script does: the same bodies and checks, all at once behind a semaphore."""

    async def run() -> None:
        limits = httpx2.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
        client = openai.AsyncOpenAI(
            api_key="none", base_url=settings(port).base_url, http_client=httpx2.AsyncClient(limits=limits)
        )
        slots = asyncio.Semaphore(IN_FLIGHT)

        async def ask(question: Question) -> object:
            async with slots:
                request = Request.of(question, settings(port))
                completion = await client.chat.completions.create(**request.body)
            value = json.loads(completion.choices[0].message.content or "")
            validator.validate(value)
            return value

        validator = jsonschema.Draft202012Validator(SCHEMA)
        await asyncio.gather(*(ask(question) for question in questions(count)))

    asyncio.run(run())


def replay(port: int, count: int, folder: Path) -> None:
    """Answer from a full ledger alone."""
    with Ledger(folder / "ledger.sqlite") as ledger:
        model = LedgerModel(settings(port), ledger)
        assert all(isinstance(answer, Answer) for answer in model.ask(questions(count)))


def fill(folder: Path, count: int) -> None:
    """Write a ledger that knows all answers."""
    entry = Entry(200, COMPLETION, "tiny", "benchmark@1", 3000, "2026-11-20T00:00:00+00:00")
    with Ledger(folder / "ledger.sqlite") as ledger:
        for question in questions(count):
            ledger.store(Request.of(question, settings(1)).key, entry)


CLIENTS: dict[str, Work] = {
    "ServerModel with ledger": ask_with_ledger,
    "AsyncOpenAI with gather": ask_plainly,
}


@dataclass(frozen=True)
class Measurement:
    """Of a piece of work: seconds, seconds of processor time, peak memory in MB."""

    seconds: float
    processor_s: float
    memory_mb: float


def measured(work: Work, port: int, count: int, folder: Path, pipe: Connection) -> None:
    """Do a piece of work in this process and report."""
    started, used = time.perf_counter(), time.process_time()
    work(port, count, folder)
    seconds, processor_s = time.perf_counter() - started, time.process_time() - used
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pipe.send(Measurement(seconds, processor_s, memory_mb))


def measure(work: Work, port: int, count: int, folder: Path | None = None) -> Measurement:
    """Do a piece of work in a fresh process."""
    with tempfile.TemporaryDirectory() as empty:
        ours, theirs = CONTEXT.Pipe()
        arguments = (work, port, count, folder or Path(empty), theirs)
        process = CONTEXT.Process(target=measured, args=arguments)
        process.start()
        result: Measurement = ours.recv()
        process.join()
        return result


def measure_limit(latency: float, count: int, rounds: int) -> None:
    """Print the share of the server's limit that each client reaches."""
    limit = IN_FLIGHT / latency
    results: dict[str, list[Measurement]] = {name: [] for name in CLIENTS}
    with server(latency) as port:
        for _ in range(rounds):
            for name, work in CLIENTS.items():
                results[name].append(measure(work, port, count))
    print(f"{count:,} requests, {IN_FLIGHT} in flight, {latency} s each: limit {limit:,.0f} answers/s")
    for name, measurements in results.items():
        rate = count / min(each.seconds for each in measurements)
        processor_ms = min(each.processor_s for each in measurements) / count * 1000
        print(
            f"  {name}  {rate:7,.1f}/s, {rate / limit:6.1%} of the limit, {processor_ms:.2f} ms of processor"
        )
    ours, plain = (min(each.seconds for each in results[name]) for name in CLIENTS)
    print(f"  ratio  {plain / ours:.2f}")


def measure_replay(count: int, rounds: int) -> None:
    """Print how many answers per second come out of the ledger."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), count)
        results = [measure(replay, 1, count, Path(folder)) for _ in range(rounds)]
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
    best, least = (min(values) for values in zip(*((r.seconds, r.processor_s) for r in results), strict=True))
    peak = max(each.memory_mb for each in results)
    print(f"{count:,} answers of {len(TEXT):,} bytes from a ledger of {size / 1e6:,.0f} MB")
    print(
        f"  replayed and validated {count / best:,.0f}/s; {count / least:,.0f} per second of processor time"
    )
    print(f"  peak memory {peak:,.0f} MB")


def measure_memory(count: int) -> None:
    """Print the peak memory of both clients for some and for ten times as many requests."""
    print("Peak memory, without latency")
    with server(0.0) as port:
        for name, work in CLIENTS.items():
            some, many = measure(work, port, count // 10), measure(work, port, count)
            print(f"  {name}  {some.memory_mb:,.0f} MB for {count // 10:,} requests, ", end="")
            print(f"{many.memory_mb:,.0f} MB for {count:,}; {count / many.seconds:,.0f}/s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=1.0, help="seconds of every answer")
    parser.add_argument("--requests", type=int, default=10_240, help="requests of a measurement of the limit")
    parser.add_argument("--replayed", type=int, default=50_000, help="answers in the ledger")
    parser.add_argument("--many", type=int, default=100_000, help="requests of the measurement of memory")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    measure_limit(options.latency, options.requests, options.rounds)
    measure_replay(options.replayed, options.rounds)
    measure_memory(options.many)


if __name__ == "__main__":
    main()
