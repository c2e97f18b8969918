"""Speed of transcription, proof included, against `plistlib.loads` alone on the same files.

Redaction is measured beside them, and its ratio to reading is that of the same round.

Run: `python benchmarks/transcription.py FOLDER [--rounds N]`. One process, one core; each figure is the
best of the rounds, and the two sides of a ratio are measured in the same round, one after the other.
"""

import argparse
import gc
import plistlib
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from workflowbench.cli.transcribe import find_files
from workflowbench.redaction.workflow import redact_workflow
from workflowbench.shortcuts.canonical import workflow_id
from workflowbench.shortcuts.compilation import compile_module, parse
from workflowbench.shortcuts.program_writing import write_program
from workflowbench.shortcuts.reading import read_shortcut
from workflowbench.shortcuts.rejection import RejectedShortcut
from workflowbench.shortcuts.transcription import read_tree, transcribe


def readable_by_plistlib(files: Iterable[Path]) -> list[bytes]:
    """Contents of the files that both sides can read and transcribe."""
    contents = []
    for file in files:
        data = file.read_bytes()
        try:
            plistlib.loads(data)
            transcribe(read_shortcut(data).workflow)
        except (RejectedShortcut, ValueError, plistlib.InvalidFileException, OverflowError):
            continue
        except Exception as error:
            if type(error).__name__ == "ExpatError":
                continue
            raise
        contents.append(data)
    return contents


def seconds(work: Callable[[], object]) -> float:
    """Time of one call, without the garbage collector."""
    gc.collect()
    gc.disable()
    started = time.perf_counter()
    work()
    elapsed = time.perf_counter() - started
    gc.enable()
    return elapsed


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    files, _ = find_files([options.folder])
    contents = readable_by_plistlib(files)
    workflows = [read_shortcut(data).workflow for data in contents]
    trees = [read_tree(workflow) for workflow in workflows]
    programs = [write_program(tree)[0] for tree in trees]
    modules = [parse(program) for program in programs]
    stages: dict[str, Callable[[], object]] = {
        "plistlib.loads": lambda: [plistlib.loads(data) for data in contents],
        "read": lambda: [read_shortcut(data) for data in contents],
        "redact": lambda: [redact_workflow(workflow) for workflow in workflows],
        "build tree": lambda: [read_tree(workflow) for workflow in workflows],
        "hash": lambda: [workflow_id(tree) for tree in trees],
        "write program": lambda: [write_program(tree) for tree in trees],
        "ast.parse": lambda: [parse(program) for program in programs],
        "compile back": lambda: [compile_module(p, m) for p, m in zip(programs, modules, strict=True)],
        "everything": lambda: [transcribe(read_shortcut(data).workflow) for data in contents],
    }
    rounds = [{name: seconds(work) for name, work in stages.items()} for _ in range(options.rounds)]
    best = {name: min(measured[name] for measured in rounds) for name in stages}
    ratios = [measured["everything"] / measured["plistlib.loads"] for measured in rounds]
    size = sum(map(len, contents)) / 2**20
    print(f"{len(contents)} of {len(files)} files, {size:.1f} MiB, {options.rounds} rounds")
    for name, value in best.items():
        speed, ratio = len(contents) / value, value / best["plistlib.loads"]
        print(f"{name:15} {value * 1000:8.1f} ms {speed:8.0f} files/s {ratio:6.2f}x")
    print(f"everything / plistlib.loads: {spread(ratios)}")
    print(f"redact / read: {spread([measured['redact'] / measured['read'] for measured in rounds])}")


def spread(ratios: list[float]) -> str:
    """Median, best and worst of the ratios of several rounds."""
    return f"median {statistics.median(ratios):.2f}, best {min(ratios):.2f}, worst {max(ratios):.2f}"


if __name__ == "__main__":
    main()
