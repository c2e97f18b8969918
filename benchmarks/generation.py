"""Speed of the generation program beside raw calls of the same engine with the same prompts.

    .venv-gpu/bin/python benchmarks/generation.py --requests 64 --tokens 128
    python benchmarks/generation.py --model DIR --requests 2000 --tokens 512 --window 8192

What the program adds is the reading of requests, a watchdog, progress, and one durable line per answer.
Each way runs twice on other prompts; the first run is the warm-up.
"""

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson
import torch

from workflowbench.inference.answering import answer_all
from workflowbench.inference.job import InferenceJob
from workflowbench.inference.lines import AnswerFile, RequestLine, read_requests
from workflowbench.inference.prompts import prompt_ids, sampling_of
from workflowbench.training.progress import Progress

SUMMARY = "Speed of the generation program beside raw calls of the same engine."


def main() -> None:
    """Answer the same number of requests in both ways, and print tokens per second."""
    options = _options()
    os.environ["HF_HUB_OFFLINE"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or str(_tiny_model(Path(folder) / "model", options.window))
        asyncio.run(_measure(options, model, Path(folder)))


async def _measure(options: argparse.Namespace, model: str, folder: Path) -> None:
    from workflowbench.inference.vllm_engine import VllmEngine

    job = _job(options, model, folder, "both")
    engine = VllmEngine(job, on_cpu=not torch.cuda.is_available())
    rates: dict[str, list[float]] = {"raw engine": [], "this program": []}
    for run in range(2):
        rates["raw engine"].append(await _raw(engine, _requests(options, f"raw {run}")))
        job = _job(options, model, folder, f"ours-{run}")
        _write(Path(job.requests), _requests(options, f"ours {run}"))
        rates["this program"].append(await _ours(engine, job))
    engine.close()
    for name, (cold, warm) in rates.items():
        print(f"{name:<14}{cold:>10,.0f} tokens/s at first{warm:>10,.0f} tokens/s warm")
    print(f"ratio: {rates['this program'][1] / rates['raw engine'][1]:.2f}")


async def _raw(engine: Any, requests: list[RequestLine]) -> float:
    """Nothing but the engine: prompts are tokens already, and answers are thrown away."""
    from vllm import SamplingParams

    prompts = [
        prompt_ids(engine._tokenizer, each.body, sampling_of(each.body, 0), 10**9) for each in requests
    ]
    sampling = SamplingParams(temperature=0.0, max_tokens=requests[0].body["max_tokens"])

    async def complete(ids: list[int], name: str) -> int:
        async for output in engine._engine.generate({"prompt_token_ids": ids}, sampling, name):
            written = output.outputs[0].token_ids
        return len(written)

    started = time.perf_counter()
    names = [each.custom_id for each in requests]
    counts = await asyncio.gather(*map(complete, prompts, names))
    return sum(counts) / (time.perf_counter() - started)


async def _ours(engine: Any, job: InferenceJob) -> float:
    started = time.perf_counter()
    progress = Progress(Path(f"{job.output}.progress.jsonl"))
    with AnswerFile(Path(job.output), "model") as answers:
        figures = await answer_all(job, engine, read_requests(Path(job.requests)), answers, progress)
    return float(figures["completion_tokens"]) / (time.perf_counter() - started)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="", help="model directory; empty makes a tiny one")
    parser.add_argument("--requests", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=128, help="tokens of each answer")
    parser.add_argument("--window", type=int, default=1024)
    parser.add_argument("--in-flight", type=int, default=256)
    parser.add_argument("--memory-share", type=float, default=0.2 if not torch.cuda.is_available() else 0.9)
    return parser.parse_args()


def _job(options: argparse.Namespace, model: str, folder: Path, name: str) -> InferenceJob:
    return InferenceJob(
        model=model,
        requests=str(folder / f"{name}.requests.jsonl"),
        output=str(folder / f"{name}.answers.jsonl"),
        window=options.window,
        in_flight=options.in_flight,
        memory_share=options.memory_share,
        eager=not torch.cuda.is_available(),
    )


def _requests(options: argparse.Namespace, run: str) -> list[RequestLine]:
    return [
        RequestLine(
            f"{run} {number}",
            {
                "messages": [{"role": "user", "content": f"{run}: write workflow {number}."}],
                "max_tokens": options.tokens,
            },
        )
        for number in range(options.requests)
    ]


def _write(path: Path, requests: list[RequestLine]) -> None:
    lines = [orjson.dumps({"custom_id": each.custom_id, "body": each.body}) for each in requests]
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def _tiny_model(directory: Path, window: int) -> Path:
    from workflowbench.training.tiny_model import make_tiny_model

    make_tiny_model([f"write workflow {number}" for number in range(200)], directory, window=window)
    return directory


if __name__ == "__main__":
    main()
