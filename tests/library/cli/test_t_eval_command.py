"""`workflowbench t-eval` from the outside."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from workflowbench.cli import main

QUERY = {
    "meta": {"prompt_type": "json", "API_list": ["A.x", "A.y"]},
    "ground_truth": [
        {"id": 0, "prev": [], "name": "A.x", "args": {}},
        {"id": 1, "prev": [0], "name": "FinishAction", "args": {}},
    ],
    "origin_prompt": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}],
}
RIGHT = '[{"id": 0, "name": "A.x", "args": "{}"}]'


def run(folder: Path, *lines: object, options: tuple[str, ...] = ("--mode", "names")) -> Result:
    (folder / "plan_json_v1.json").write_text(json.dumps({"q1": QUERY}))
    answers = folder / "answers.jsonl"
    answers.write_text("\n".join(json.dumps(line) for line in lines))
    arguments = ["t-eval", str(answers), "--data", str(folder), *options]
    return CliRunner(env={"COLUMNS": "200"}).invoke(main, arguments)


def test_scores_and_chance_are_printed_with_mode_and_encoder(tmp_path: Path) -> None:
    result = run(tmp_path, {"id": "q1", "answer": RIGHT}, options=("--encoder", "hash"))
    assert result.exit_code == 0, result.output
    for words in ("compat", "hash-trigrams", "100.0", "chance: one step", "chance: random APIs"):
        assert words in result.output


def test_a_line_without_an_answer_is_named(tmp_path: Path) -> None:
    result = run(tmp_path, {"id": "q1"})
    assert result.exit_code == 1
    assert "line 1: answer is missing" in result.output


def test_a_repeated_id_is_named(tmp_path: Path) -> None:
    line = {"id": "q1", "answer": RIGHT}
    assert "id 'q1' was used on line 1" in run(tmp_path, line, line).output


def test_a_missing_id_is_named(tmp_path: Path) -> None:
    assert "1 missing: q1" in run(tmp_path).output


def test_similarities_need_an_encoder(tmp_path: Path) -> None:
    result = run(tmp_path, {"id": "q1", "answer": RIGHT}, options=())
    assert result.exit_code == 2
    assert "--encoder" in result.output


def test_published_figures_are_refused_where_they_do_not_compare(tmp_path: Path) -> None:
    result = run(tmp_path, {"id": "q1", "answer": RIGHT}, options=("--encoder", "hash", "--published"))
    assert result.exit_code == 1
    assert "all-mpnet-base-v2" in result.output
