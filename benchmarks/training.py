"""Speed and memory of the training program beside a plain transformers Trainer, on the same samples.

    .venv-gpu/bin/python benchmarks/training.py --processes 2 --packing
    python benchmarks/training.py --model DIR --rows train.jsonl --processes 8 --packing --liger --window 8192

Without a model a tiny random Llama is made, for the CPU. Tokens are those of samples, never padding. Model
FLOPs utilisation is 6 x parameters x tokens/s over what bf16 matrix products reach here, measured first.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import torch

from workflowbench.training.chat import encode, prepare_tokenizer
from workflowbench.training.conversations import read_conversations
from workflowbench.training.recipe import Recipe

ROOT = Path(__file__).parents[1]
WORDS = ("open", "send", "read", "save", "play", "note", "list", "text", "date", "file")

SUMMARY = "Speed and memory of the training program beside a plain transformers Trainer."


def main() -> None:
    """Run both on the same recipe, one after the other, and print what each reached."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        recipe = _recipe(options, Path(folder))
        peak = matmul_rate("cuda" if torch.cuda.is_available() else "cpu") * options.processes
        ours, plain = _ours(recipe, Path(folder)), _plain(recipe, Path(folder))
    print(f"{ours['n_parameters']:,} parameters, {options.processes} processes, window {recipe.window}")
    print(f"bf16 matrix products: {peak / 1e12:.2f} TFLOP/s")
    for name, run in (("this program", ours), ("plain Trainer", plain)):
        rate = run["tokens_per_second"]
        utilisation = 6 * ours["n_parameters"] * rate / peak
        memory = run["memory_gib"]
        print(f"{name:<14}{rate:>10,.0f} tokens/s{utilisation:>8.1%} MFU{memory:>8.2f} GiB per process")
    print(f"ratio: {ours['tokens_per_second'] / plain['tokens_per_second']:.2f}")


def matmul_rate(device: str, size: int = 2048, seconds: float = 2.0) -> float:
    """FLOP/s of bf16 matrix products of one process on a device."""
    left = torch.randn(size, size, dtype=torch.bfloat16, device=device)
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        for _ in range(4):
            left @ left
        if device == "cuda":
            torch.cuda.synchronize()
        done += 4
    return done * 2 * size**3 / (time.perf_counter() - started)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="", help="model directory; empty makes a tiny one")
    parser.add_argument("--rows", default="", help="training rows; empty makes some")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--window", type=int, default=1024)
    parser.add_argument("--epochs", type=float, default=2)
    parser.add_argument("--global-batch", type=int, default=8)
    parser.add_argument("--attention", default="sdpa")
    parser.add_argument("--zero-stage", type=int, default=2)
    parser.add_argument("--packing", action="store_true")
    parser.add_argument("--liger", action="store_true")
    return parser.parse_args()


def _recipe(options: argparse.Namespace, folder: Path) -> Recipe:
    rows, model = options.rows or str(folder / "rows.jsonl"), options.model or str(folder / "model")
    if not options.rows:
        Path(rows).write_text("".join(json.dumps(_row(number)) + "\n" for number in range(64)))
    if not options.model:
        from workflowbench.training.tiny_model import make_tiny_model

        make_tiny_model(
            [json.dumps(_row(number)) for number in range(64)], Path(model), window=options.window
        )
    return Recipe(
        base_model=model,
        train=rows,
        output=str(folder / "run"),
        epochs=options.epochs,
        global_batch=options.global_batch,
        window=options.window,
        packing=options.packing,
        liger=options.liger,
        attention=options.attention,
        zero_stage=options.zero_stage,
        processes=options.processes,
        save_steps=10**9,
    )


def _row(number: int) -> dict[str, object]:
    words = [WORDS[(number * 7 + place * place) % len(WORDS)] for place in range(60 + 12 * (number % 30))]
    messages = [
        {"role": "user", "content": f"Do number {number}."},
        {"role": "assistant", "content": " ".join(words)},
    ]
    return {"id": f"row-{number}", "split": "train", "messages": messages}


def _ours(recipe: Recipe, folder: Path) -> dict[str, float]:
    path = folder / "recipe.json"
    path.write_bytes(recipe.to_json())
    _launch(recipe.processes, "-m", "workflowbench_dagster.external.train", str(path))
    report: dict[str, float] = json.loads((folder / "run" / "final" / "report.json").read_bytes())
    n_padding_free = report["n_tokens"] * recipe.epochs
    return {**report, "tokens_per_second": n_padding_free / report["train_seconds"]}


def _plain(recipe: Recipe, folder: Path) -> dict[str, float]:
    (folder / "plain.json").write_text(json.dumps(asdict(recipe)))
    _launch(recipe.processes, __file__, "--plain", str(folder))
    result: dict[str, float] = json.loads((folder / "plain-result.json").read_bytes())
    return result


def _launch(processes: int, *arguments: str) -> None:
    torchrun = ["torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    command = [sys.executable, "-m", *torchrun, *arguments]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path, "HF_HUB_OFFLINE": "1"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode:
        sys.exit(ended.stderr[-3000:])


def run_plain(folder: Path) -> None:
    """Train as a first script would: one padded sample per row, every token learnt, data parallel."""
    import resource

    from transformers import (
        AutoModelForCausalLM,
        AutoTokenizer,
        DataCollatorForSeq2Seq,
        Trainer,
        TrainingArguments,
    )

    recipe = Recipe(**json.loads((folder / "plain.json").read_bytes()))
    tokenizer = AutoTokenizer.from_pretrained(recipe.base_model)
    prepare_tokenizer(tokenizer)
    data = encode(read_conversations(Path(recipe.train), "train"), tokenizer, window=recipe.window)
    has_gpu = torch.cuda.is_available()
    trainer = Trainer(
        model=AutoModelForCausalLM.from_pretrained(recipe.base_model, dtype=torch.bfloat16),
        args=TrainingArguments(
            output_dir=str(folder / "plain"),
            per_device_train_batch_size=recipe.micro_batch,
            gradient_accumulation_steps=recipe.accumulation,
            num_train_epochs=recipe.epochs,
            learning_rate=recipe.learning_rate,
            bf16=True,
            gradient_checkpointing=True,
            gradient_checkpointing_kwargs={"use_reentrant": False},
            save_strategy="no",
            report_to=[],
            use_cpu=not has_gpu,
            ddp_backend=None if has_gpu or recipe.processes == 1 else "gloo",
            disable_tqdm=True,
        ),
        train_dataset=[{"input_ids": s.input_ids, "labels": s.input_ids} for s in data.samples],
        data_collator=DataCollatorForSeq2Seq(tokenizer),
    )
    seconds = trainer.train().metrics["train_runtime"]
    memory = torch.cuda.max_memory_allocated() / 2**30 if has_gpu else 0.0
    host = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    if trainer.is_world_process_zero():
        rate = data.n_tokens * recipe.epochs / seconds
        result = {"tokens_per_second": rate, "memory_gib": memory or host}
        (folder / "plain-result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--plain"]:
        run_plain(Path(sys.argv[2]))
    else:
        main()
