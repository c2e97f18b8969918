"""The published numbers of the package `codebleu` 0.7.0."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from codebleu_programs import score_texts

from workflowbench.evaluation.codebleu.modes import Mode

PARTS = {
    "codebleu": "codebleu",
    "ngram": "ngram_match_score",
    "weighted_ngram": "weighted_ngram_match_score",
    "syntax": "syntax_match_score",
    "dataflow": "dataflow_match_score",
}


@pytest.fixture(scope="session")
def goldens(shared: Path) -> Path:
    return shared / "data" / "codebleu_golden.jsonl"


def differences(path: Path, mode: Mode, *, seed_sensitive: bool) -> list[tuple[int, str]]:
    """Golden cases and parts whose score is another, in the last bit even."""
    found = []
    for row in map(json.loads, path.read_text().splitlines()):
        if row["seed_sensitive"] and not seed_sensitive:
            continue
        ours = score_texts(row["reference"], row["prediction"], mode, tuple(row["weights"]))
        found += [(row["id"], part) for part, name in PARTS.items() if getattr(ours, part) != row[name]]
    return found


def test_compat_equals_every_golden_case_under_its_hash_seed(goldens: Path) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    code = (
        "import sys, pathlib, test_codebleu_goldens as t;"
        "print(t.differences(pathlib.Path(sys.argv[1]), t.Mode.COMPAT, seed_sensitive=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(goldens)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=100,
        check=False,
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_stable_equals_the_golden_cases_without_hash_order(goldens: Path) -> None:
    assert differences(goldens, Mode.STABLE, seed_sensitive=False) == []


def test_stable_lies_in_the_range_over_hash_seeds_but_for_renamed_programs(goldens: Path) -> None:
    outside = {}
    for row in map(json.loads, goldens.read_text().splitlines()):
        low, high = row["dataflow_seed_range"]
        dataflow = score_texts(row["reference"], row["prediction"], Mode.STABLE).dataflow
        assert dataflow is not None
        if not low <= dataflow <= high:
            outside[row["id"]] = dataflow
    assert outside == {168: 1.0, 185: 1.0}
