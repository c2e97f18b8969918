"""Speed of CodeBLEU against the package `codebleu` 0.7.0, at equal scores, in one run on one core.

The package needs another tree-sitter than the one it resolves to, so it lives in an environment of its own:

    uv venv peer --python 3.11
    uv pip install --python peer/bin/python codebleu==0.7.0 tree-sitter==0.22.3 tree-sitter-python==0.21.0
    python benchmarks/codebleu.py --peer peer/bin/python [--samples data_samples.json] [--pairs N]

Both sides score the same pair one after the other, each in its process, under the same hash seed; what counts
is CPU time (`time.process_time`), so that a busy machine disturbs a ratio little. Programs are the published
samples (a JSON list with `annotated_code`; comments cut as published) and files of Python's standard library.
"""

import argparse
import ast
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workflowbench.evaluation.codebleu.comments import cut_at_hash, strip_like_the_package
from workflowbench.evaluation.codebleu.features import Features, extract_features
from workflowbench.evaluation.codebleu.grammar import parse
from workflowbench.evaluation.codebleu.matches import match
from workflowbench.evaluation.codebleu.modes import Mode
from workflowbench.evaluation.codebleu.ngrams import count_ngrams
from workflowbench.evaluation.codebleu.scoring import PAPER_WEIGHTS, Score, score
from workflowbench.evaluation.codebleu.subtrees import count_subtrees
from workflowbench.evaluation.codebleu.syntax import read_tree

PEER = """
import json, logging, sys, time
from codebleu import calc_codebleu
logging.disable(logging.CRITICAL)
for line in sys.stdin:
    reference, prediction, weights = json.loads(line)
    started = time.process_time()
    result = calc_codebleu([reference], [prediction], "python", tuple(weights))
    print(json.dumps([time.process_time() - started, result]), flush=True)
"""
PARTS = {
    "codebleu": "codebleu",
    "ngram": "ngram_match_score",
    "weighted_ngram": "weighted_ngram_match_score",
    "syntax": "syntax_match_score",
    "dataflow": "dataflow_match_score",
}
MODE = Mode.COMPAT


class Peer:
    """The package, in a process of its own."""

    def __init__(self, python: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603
            [str(python), "-W", "ignore", "-c", PEER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, reference: str, prediction: str) -> tuple[float, dict[str, float]]:
        """CPU seconds and scores of a pair."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([reference, prediction, PAPER_WEIGHTS]) + "\n")
        self._process.stdin.flush()
        seconds, scores = json.loads(self._process.stdout.readline())
        return seconds, scores


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU time of one call, and its result."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def score_features(reference: Features, prediction: Features) -> Score:
    """The score of two texts that are known."""
    return score(match(reference, prediction, MODE), MODE)


def compare(name: str, programs: list[str], n_pairs: int, peer: Peer) -> None:
    """Measure pairs of programs on both sides and print the ratios of their medians."""
    times: dict[str, list[float]] = {
        key: [] for key in ("package", "one-shot", "reference known", "matrix", "parse")
    }
    unequal = 0
    for index in range(n_pairs):
        step = 1 + index // len(programs)
        reference, prediction = programs[index % len(programs)], programs[(index + step) % len(programs)]
        taken, expected = peer(reference, prediction)
        times["package"].append(taken)
        first, known = seconds(lambda text=reference: extract_features(text, MODE))
        second, found = seconds(lambda text=prediction: extract_features(text, MODE))
        known.weighted_tokens, found.weighted_tokens, known.n_ngrams, found.n_ngrams  # noqa: B018
        third, ours = seconds(lambda pair=(known, found): score_features(*pair))
        times["one-shot"].append(first + second + third)
        times["reference known"].append(second + third)
        times["matrix"].append(seconds(lambda pair=(known, found): score_features(*pair))[0])
        source = strip_like_the_package(prediction).encode()
        times["parse"].append(seconds(lambda source=source: parse(source))[0])
        unequal += any(getattr(ours, part) != expected[theirs] for part, theirs in PARTS.items())
    totals = {key: sum(values) for key, values in times.items()}
    lengths = statistics.mean(text.count("\n") + 1 for text in programs)
    print(f"{name}: {len(programs)} programs of {lengths:.0f} lines, {n_pairs} pairs, {unequal} unequal")
    for key, total in totals.items():
        rate, ratio = n_pairs / total, totals["package"] / total
        print(f"  {key:16} {total / n_pairs * 1000:8.3f} ms {rate:9.1f} pairs/s {ratio:7.1f}x")
    print(
        f"  one new text takes {totals['reference known'] / totals['parse']:.1f} times its parse, the floor"
    )


def print_stages(programs: list[str]) -> None:
    """Print where the time of a text goes."""
    sources = [strip_like_the_package(text).encode() for text in programs]
    trees = [read_tree(source, leak_aliases=True) for source in sources]
    stages: dict[str, Callable[[], Any]] = {
        "strip comments": lambda: [strip_like_the_package(text) for text in programs],
        "parse": lambda: [parse(source) for source in sources],
        "parse and walk": lambda: [read_tree(source, leak_aliases=True) for source in sources],
        "sub-trees": lambda: [count_subtrees(tree) for tree in trees],
        "n-grams": lambda: [count_ngrams(text) for text in programs],
        "everything": lambda: [extract_features(text, MODE) for text in programs],
    }
    for name, work in stages.items():
        best = min(seconds(work)[0] for _ in range(3))
        print(f"    {name:16} {best / len(programs) * 1000:8.3f} ms a text")


def read_samples(path: Path) -> list[str]:
    """The code of the published samples, comments cut as the published evaluation does."""
    return [cut_at_hash(row["annotated_code"]) for row in json.loads(path.read_text())]


def read_library(n_programs: int) -> list[str]:
    """Valid programs of 200 to 400 lines: modules of the standard library."""
    programs = []
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        text = cut_at_hash(path.read_text(errors="replace"))
        try:
            ast.parse(text)
        except SyntaxError:
            continue
        if 200 <= text.count("\n") <= 400:
            programs.append(text)
    return programs[:n_programs]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer", type=Path, required=True, help="Python of an environment with the package")
    parser.add_argument("--samples", type=Path, help="the published samples")
    parser.add_argument("--pairs", type=int, default=200, help="pairs of each set")
    options = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606
    peer = Peer(options.peer)
    sets = {"standard library": read_library(40)}
    if options.samples:
        sets["published samples"] = read_samples(options.samples)
    for name, programs in sets.items():
        compare(name, programs, options.pairs, peer)
        print_stages(programs)


if __name__ == "__main__":
    main()
