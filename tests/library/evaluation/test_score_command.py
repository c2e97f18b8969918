"""`workflowbench score`, run as a user runs it."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from workflowbench.cli import main

GOOD = {"id": "a", "reference": "x = f(y)", "prediction": "x = f(z)"}


def run(folder: Path, *lines: object, options: tuple[str, ...] = (), seed: str | None = None) -> Result:
    pairs = folder / "pairs.jsonl"
    pairs.write_bytes(
        b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    )
    arguments = ["score", str(pairs), "--output", str(folder / "out" / "scores.parquet"), *options]
    return CliRunner(env={"PYTHONHASHSEED": seed, "COLUMNS": "200"}).invoke(main, arguments)


def scores(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "out" / "scores.parquet")


def test_each_pair_has_a_row_in_the_order_of_the_file(tmp_path: Path) -> None:
    done = run(tmp_path, {**GOOD, "id": 7}, b"", {**GOOD, "prediction": "x ="})
    assert done.exit_code == 0, done.output
    assert scores(tmp_path).columns[:7] == [
        *("id", "ngram", "weighted_ngram", "syntax", "dataflow", "codebleu", "parses")
    ]
    assert scores(tmp_path)["id"].to_list() == ["7", "a"]
    assert scores(tmp_path)["parses"].to_list() == [True, False]


def test_the_summary_has_every_average_and_names_the_grammar(tmp_path: Path) -> None:
    output = run(tmp_path, GOOD).output
    for words in (
        "mean_codebleu",
        "codebleu_from_means",
        "corpus_codebleu",
        "95 %",
        "tree-sitter-python 0.21.0",
    ):
        assert words in output


def test_a_reference_that_does_not_parse_is_marked_and_scored(tmp_path: Path) -> None:
    done = run(tmp_path, {**GOOD, "reference": "x = f(y"})
    assert "reference does not parse: 1" in done.output
    row = scores(tmp_path).row(0, named=True)
    assert row["reference_parses"] is False
    assert row["codebleu"] is not None


def test_a_text_beyond_a_bound_has_a_note_and_no_score(tmp_path: Path) -> None:
    done = run(tmp_path, {**GOOD, "prediction": "(" * 9_000 + ")" * 9_000}, {**GOOD, "id": "b"})
    assert "a: no score: prediction too_deep" in done.output
    assert scores(tmp_path)["codebleu"].is_null().to_list() == [True, False]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "line 2: not JSON"),
        (b"[1]", "line 2: not an object"),
        (b"\xff", "line 2: not UTF-8"),
        (b"[" * 100_000, "line 2: not JSON"),
        ({"id": "b", "reference": "x"}, "line 2: prediction is missing"),
        ({"reference": "x", "prediction": "x"}, "line 2: id is missing"),
        ({"id": "b", "reference": None, "prediction": "x"}, "line 2: reference is not text but null"),
        ({"id": True, "reference": "x", "prediction": "x"}, "line 2: id is not text but true"),
        (GOOD, "line 2: id 'a' was used on line 1"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_written(tmp_path: Path, line: object, message: str) -> None:
    done = run(tmp_path, GOOD, line)
    assert done.exit_code == 1
    assert message in done.output
    assert not (tmp_path / "out").exists()


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    assert "holds no pair" in run(tmp_path).output


def test_the_numbers_of_the_package_need_a_hash_seed(tmp_path: Path) -> None:
    assert "set PYTHONHASHSEED=0" in run(tmp_path, GOOD, options=("--mode", "compat")).output
    assert run(tmp_path, GOOD, options=("--mode", "compat"), seed="0").exit_code == 0


@pytest.mark.parametrize(("choice", "is_better"), [("strip", True), ("keep", False), ("paper", True)])
def test_comments_count_only_where_they_are_kept(tmp_path: Path, choice: str, is_better: bool) -> None:
    run(tmp_path, {**GOOD, "prediction": "x = f(y)  # a b c"}, options=("--comments", choice))
    assert (scores(tmp_path)["ngram"][0] > 0.3) is is_better


def test_progress_is_for_terminals_only(tmp_path: Path) -> None:
    assert run(tmp_path, GOOD).stderr == ""
