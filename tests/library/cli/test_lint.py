"""`workflowbench lint` from the outside."""

import json
import time

import polars as pl
import pytest
from click.testing import CliRunner

from workflowbench.cli import main

GOOD = {
    "query": "How full is the battery of my phone at the moment, and can you tell me aloud?",
    "apis": ["is.workflow.actions.getbatterylevel", "is.workflow.actions.speaktext"],
    "task_plan": "1. Get the level. 2. Speak it.",
    "annotated_code": (
        "# Gets the level.\nlevel = is_workflow_actions_getbatterylevel()\n"
        "# Speaks it.\nis_workflow_actions_speaktext( WFText=level)\n"
    ),
}
BROKEN = {**GOOD, "query": "Something else entirely.", "annotated_code": "level = (\n"}


def _lint(path, *options):
    return CliRunner().invoke(main, ["lint", str(path), *options])


def _written(folder, name, content):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_sound_samples_give_exit_code_0(tmp_path):
    result = _lint(_written(tmp_path, "a.json", [GOOD]))
    assert result.exit_code == 0
    assert "First error" not in result.output


def test_a_broken_sample_gives_exit_code_1_and_its_first_error(tmp_path):
    result = _lint(_written(tmp_path, "a.json", [GOOD, BROKEN]))
    assert result.exit_code == 1
    assert "does_not_parse" in result.output
    assert "1:9" in result.output


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", f"{json.dumps(GOOD)}\n\n{json.dumps(BROKEN)}\n"),
        ("a.json", {"one": GOOD, "two": BROKEN}),
        ("a.json", [{**GOOD, "code": GOOD["annotated_code"]}, BROKEN]),
    ],
)
def test_every_shape_is_read(tmp_path, name, content):
    report = json.loads(_lint(_written(tmp_path, name, content), "--json").output)
    assert [sample["passes"] for sample in report["samples"]] == [True, False]
    assert report["totals"]["samples"] == 2


def test_a_release_is_read(tmp_path):
    row = {**GOOD, "sample_id": "a", "code": GOOD["annotated_code"]}
    (tmp_path / "data").mkdir()
    pl.DataFrame([row]).write_parquet(tmp_path / "data" / "train.parquet")
    assert json.loads(_lint(tmp_path, "--json").output)["samples"][0]["name"] == "a"


def test_a_program_by_itself_may_call_any_documented_api(tmp_path):
    assert _lint(_written(tmp_path, "a.py", GOOD["annotated_code"])).exit_code == 0
    unknown = _written(tmp_path, "b.py", "com_acme_tool_run()\n")
    assert "undocumented_api" in _lint(unknown).output


def test_the_report_as_json_counts_rules_and_tells_what_to_do(tmp_path):
    report = json.loads(_lint(_written(tmp_path, "a.json", [GOOD, BROKEN]), "--json").output)
    (count,) = report["rules"]
    assert (count["rule"], count["samples"], count["first"], count["severity"]) == (
        "does_not_parse",
        1,
        1,
        "error",
    )
    assert report["samples"][1]["first_error"]["line"] == 1


def test_queries_that_nearly_repeat_are_reported_with_their_twin(tmp_path):
    again = {**GOOD, "query": GOOD["query"].upper().replace("?", " !")}
    report = json.loads(_lint(_written(tmp_path, "a.json", [GOOD, again]), "--json").output)
    (finding,) = report["samples"][1]["findings"]
    assert (finding["rule"], finding["observed"]) == ("near_duplicate_query", 1)
    assert "sample 1" in finding["detail"]


def test_calls_outside_the_list_are_found_even_where_nothing_parses(tmp_path):
    code = "level = (is_workflow_actions_getbatterylevel( \n# com_acme_tool_no()\ncom_acme_tool_run( x=1\n"
    report = json.loads(
        _lint(_written(tmp_path, "a.json", [{**GOOD, "annotated_code": code}]), "--json").output
    )
    assert report["samples"][0]["outside_calls"] == ["com_acme_tool_run"]
    assert report["totals"]["call APIs outside their list"] == 1


def test_any_api_may_be_enough(tmp_path):
    code = "# Gets the level.\nis_workflow_actions_getbatterylevel()\n"
    path = _written(tmp_path, "a.json", [{**GOOD, "annotated_code": code}])
    assert _lint(path).exit_code == 1
    assert _lint(path, "--uses", "any").exit_code == 0


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.json", "[1", "is no JSON"),
        ("a.json", [GOOD, 5], "row 2 is no object"),
        ("a.json", [GOOD, {"query": "x"}], "row 2 has no text `annotated_code`"),
        ("a.json", [{**GOOD, "apis": "all"}], "row 1: `apis` is no list"),
        ("a.json", [{**GOOD, "query": 5}], "row 1: `query` is no text"),
        ("a.json", "5", "no list of samples"),
        ("a.json", [], "holds no samples"),
        ("a.jsonl", "\n", "holds no samples"),
        ("a.json", GOOD, "no list of samples"),
        ("a.jsonl", json.dumps(GOOD) + "\n{\n", "line 2 is no JSON"),
        ("a.txt", "x", "ends in '.txt'"),
        ("a.parquet", "x", "has no rows of workflowbench"),
    ],
)
def test_bad_input_gives_exit_code_2_and_names_the_row(tmp_path, name, content, told):
    result = _lint(_written(tmp_path, name, content))
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())


def test_a_program_that_is_no_text_is_bad_input(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(b"\xff\xfe")
    assert _lint(path).exit_code == 2


def test_a_folder_that_is_no_release_is_bad_input(tmp_path):
    assert _lint(tmp_path).exit_code == 2


def test_of_the_published_samples_seven_parse_and_two_compile(shared):
    report = json.loads(_lint(shared / "data" / "data_samples.json", "--json").output)
    assert report["totals"] == {
        "samples": 50,
        "parse": 7,
        "compile": 2,
        "pass": 2,
        "call APIs outside their list": 2,
        "repeat the query of another": 0,
    }


@pytest.mark.parametrize("columns", ["40", "80"])
def test_names_of_rules_are_whole_on_narrow_terminals(tmp_path, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    plan = "1. Call is_workflow_actions_getlastphoto. 2. Speak it."
    path = _written(tmp_path, "a.json", {"f" * 64: BROKEN, "two": {**GOOD, "task_plan": plan}})
    output = _lint(path).output
    assert output.count("does_not_parse") == 2
    assert "plan_names_absent_api" in output
    assert "".join(output.split()).count("f" * 20) == 3


def test_a_long_name_that_no_call_follows_is_read_in_linear_time(tmp_path):
    started = time.monotonic()
    path = _written(tmp_path, "a.json", [{**GOOD, "annotated_code": "a_b_c_" * 200_000}])
    assert _lint(path).exit_code == 1
    assert time.monotonic() - started < 20
