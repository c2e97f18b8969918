"""The command line, run as a user runs it."""

import os
import plistlib
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

SHORTCUT = plistlib.dumps(
    {
        "WFWorkflowActions": [
            {
                "WFWorkflowActionIdentifier": "is.workflow.actions.vibrate",
                "WFWorkflowActionParameters": {},
            }
        ]
    }
)


def workflowbench(*arguments: str | Path, encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("workflowbench")), *map(str, arguments)]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a/same.shortcut", "b/same.shortcut", "b/other.plist", "b/x.WFLOW"):
        file = tmp_path / "in" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(SHORTCUT)
    (tmp_path / "in" / "text.shortcut").write_text("hello")
    (tmp_path / "in" / "ignored.txt").write_text("hello")
    return tmp_path / "in"


def test_a_folder_becomes_programs_and_a_report(folder: Path, tmp_path: Path) -> None:
    done = workflowbench("transcribe", folder, "--output", tmp_path / "out")
    report = pl.read_parquet(tmp_path / "out" / "report.parquet")
    assert done.returncode == 0
    assert report["status"].to_list() == ["transcribed"] * 4 + ["dropped"]
    assert sorted(path.name for path in (tmp_path / "out").glob("*.py")) == sorted(
        report["program"].drop_nulls()
    )


def test_the_report_has_the_proof_of_each_file(folder: Path, tmp_path: Path) -> None:
    workflowbench("transcribe", folder, "--output", tmp_path / "out")
    report = pl.read_parquet(tmp_path / "out" / "report.parquet").filter(status="transcribed")
    assert report["round_trip"].all()
    assert report["parses"].all()
    assert report["workflow_id"].n_unique() == 1


def test_a_dropped_file_is_named_with_its_reason(folder: Path, tmp_path: Path) -> None:
    done = workflowbench("transcribe", folder, "--output", tmp_path / "out")
    assert "text.shortcut: not_a_shortcut:" in done.stdout


def test_what_is_no_file_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "again").symlink_to(".")
    (tmp_path / "gone.shortcut").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.shortcut")
    workflowbench("transcribe", tmp_path, tmp_path / "pipe.shortcut", "--output", tmp_path / "out")
    report = pl.read_parquet(tmp_path / "out" / "report.parquet")
    assert dict(report.select("path", "reason").iter_rows()) == {
        f"{tmp_path}/again": "link_to_folder",
        f"{tmp_path}/gone.shortcut": "not_a_file",
        f"{tmp_path}/pipe.shortcut": "not_a_file",
    }


def test_a_terminal_may_show_ascii_alone(tmp_path: Path) -> None:
    (tmp_path / "Tür.shortcut").write_text("hello")
    done = workflowbench("transcribe", tmp_path, "--output", tmp_path / "out", encoding="ascii")
    assert done.returncode == 0
    assert "T\\xfcr.shortcut: not_a_shortcut" in done.stdout


def test_an_empty_folder_is_a_clear_error(tmp_path: Path) -> None:
    done = workflowbench("transcribe", tmp_path, "--output", tmp_path / "out")
    assert done.returncode == 1
    assert "no .shortcut, .plist, .wflow file" in done.stderr


def test_a_target_that_cannot_be_written_is_a_clear_error(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = workflowbench("transcribe", folder, "--output", tmp_path / "file" / "out")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["𠀀" * 60, "[", "[bold]", "quote's", "-rf", "two\nlines"])
def test_an_odd_name_of_a_file_and_a_target_is_no_obstacle(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / f"{name}.shortcut").write_bytes(SHORTCUT)
    done = workflowbench("transcribe", tmp_path / "in", "--output", tmp_path / f"[/b] {name}")
    assert done.returncode == 0, done.stderr
    assert (
        pl.read_parquet(tmp_path / f"[/b] {name}" / "report.parquet", glob=False)["status"].item()
        == "transcribed"
    )


def test_a_program_compiles_to_a_shortcut_of_the_same_workflow(folder: Path, tmp_path: Path) -> None:
    workflowbench("transcribe", folder / "a", "--output", tmp_path / "out")
    [program] = (tmp_path / "out").glob("*.py")
    done = workflowbench("compile", program, "--output", tmp_path / "back" / "x.shortcut")
    assert done.returncode == 0
    workflowbench("transcribe", tmp_path / "back", folder / "a", "--output", tmp_path / "again")
    assert pl.read_parquet(tmp_path / "again" / "report.parquet")["workflow_id"].n_unique() == 1


def test_a_program_of_another_style_is_refused_with_its_place(tmp_path: Path) -> None:
    program = tmp_path / "bad.py"
    program.write_text("is_workflow_actions_vibrate()\nimport os\n")
    done = workflowbench("compile", program, "--output", tmp_path / "x.shortcut")
    assert done.returncode == 1
    assert f"{program}:2:1: a workflow has no Import statement" in done.stderr
    assert not (tmp_path / "x.shortcut").exists()


def test_a_program_may_be_saved_by_an_editor_on_windows(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_bytes(b"\xef\xbb\xbfif Shortcut_Input:\r\n\tis_workflow_actions_vibrate()\r\n")
    done = workflowbench("compile", program, "--output", tmp_path / "x.shortcut")
    assert done.returncode == 0, done.stderr


def test_a_program_that_is_no_text_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "bad.py"
    program.write_bytes(b"\xff\xfe\x00")
    done = workflowbench("compile", program, "--output", tmp_path / "x.shortcut")
    assert "is not UTF-8 text" in done.stderr
