from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from workflowbench.cli import main
from workflowbench.tables import LINEAGE, RAW_SHORTCUTS

EDGES = [
    ("transcribed_workflows:r", "raw_shortcuts:r", "content"),
    ("annotated_workflows:r", "transcribed_workflows:r", "content"),
    ("seed_workflows:w", "annotated_workflows:r", "content"),
    ("workflowbench:w", "seed_workflows:w", "content"),
    ("expanded_queries:q", "seed_workflows:w", "prompted"),
    ("generated_workflows:q", "expanded_queries:q", "content"),
    ("generated_workflows:q", "seed_workflows:w", "content"),
    ("model:m", "seed_workflows:w", "weights"),
    ("generated_workflows:p", "model:m", "weights"),
]


CONTENT = {child.partition(":")[0] for child, _, kind in EDGES if kind == "content"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of tables with one collected workflow and what came of it."""
    rows = [
        {"child_id": child, "parent_id": parent, "kind": kind, "stage": child.partition(":")[0]}
        for child, parent, kind in EDGES
    ]
    LINEAGE.frame(rows).write_parquet(tmp_path / "lineage.parquet")
    (tmp_path / "raw_shortcuts").mkdir()
    raw = {"raw_id": "r", "scrape": "folder-1", "source": "folder:x", "source_path": "Tea.shortcut"}
    RAW_SHORTCUTS.frame([raw]).write_parquet(tmp_path / "raw_shortcuts" / "folder-1.parquet")
    return tmp_path


def lineage(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["lineage", *arguments, "--tables", str(folder)])


def test_a_row_is_followed_to_its_source(folder: Path):
    assert lineage(folder, "workflowbench:w").output.splitlines()[:5] == [
        "workflowbench:w",
        "  <- content seed_workflows:w",
        "    <- content annotated_workflows:r",
        "      <- content transcribed_workflows:r",
        "        <- content raw_shortcuts:r  folder:x Tea.shortcut (scrape folder-1)",
    ]


def test_the_address_of_a_source_is_preferred_to_its_place(folder: Path):
    path = folder / "raw_shortcuts" / "folder-1.parquet"
    pl.read_parquet(path).with_columns(url=pl.lit("https://example.org/1")).write_parquet(path)
    output = lineage(folder, "raw_shortcuts:r").output
    assert output.startswith("raw_shortcuts:r  https://example.org/1 (scrape folder-1)\n")


def test_an_id_stands_for_its_rows_in_every_table(folder: Path):
    assert lineage(folder, "w").output.splitlines()[0] == "workflowbench:w"


def test_what_was_written_before_is_not_followed_again(folder: Path):
    lines = lineage(folder, "generated_workflows:q").output.splitlines()
    assert lines[1:3] == ["  <- content expanded_queries:q", "    <- prompted seed_workflows:w"]
    assert "  <- content seed_workflows:w (see above)" in lines


def test_descendants_are_counted_by_kind(folder: Path):
    assert lineage(folder, "raw_shortcuts:r").output.splitlines()[-3:] == [
        f"descendants by content: {', '.join(f'1 {table}' for table in sorted(CONTENT))}",
        "descendants by prompted: 1 expanded_queries",
        "descendants by weights: 1 generated_workflows, 1 model",
    ]


def test_a_plan_of_erasure_lists_every_row_by_what_is_to_be_done(folder: Path):
    assert lineage(folder, "raw_shortcuts:r", "--erase-plan").output.splitlines() == [
        "content: 6 rows. Must go: it contains the row.",
        "  annotated_workflows:r",
        "  generated_workflows:q",
        "  raw_shortcuts:r",
        "  seed_workflows:w",
        "  transcribed_workflows:r",
        "  workflowbench:w",
        "prompted: 1 rows. Decide: it was written in sight of the row.",
        "  expanded_queries:q",
        "weights: 2 rows. Disclose: a model that saw the row wrote it.",
        "  generated_workflows:p",
        "  model:m",
    ]


def test_a_long_list_of_parents_is_cut(folder: Path):
    rows = LINEAGE.frame(
        {"child_id": "model:m", "parent_id": f"seed_workflows:{n:02}", "kind": "weights", "stage": "model"}
        for n in range(25)
    )
    rows.write_parquet(folder / "lineage.parquet")
    lines = lineage(folder, "model:m").output.splitlines()
    assert lines[20] == "  <- weights seed_workflows:19"
    assert lines[21] == "  <- and 5 more"


def test_a_release_has_no_sources_to_show(folder: Path):
    (folder / "raw_shortcuts" / "folder-1.parquet").unlink()
    assert "        <- content raw_shortcuts:r\n" in lineage(folder, "workflowbench:w").output


def test_an_unknown_row_is_an_error(folder: Path):
    result = lineage(folder, "nothing")
    assert result.exit_code == 1
    assert "has the id nothing" in result.output


@pytest.mark.parametrize("content", [None, b"no parquet"])
def test_a_folder_without_a_readable_lineage_is_an_error(folder: Path, content: bytes | None):
    (folder / "lineage.parquet").unlink()
    if content:
        (folder / "lineage.parquet").write_bytes(content)
    result = lineage(folder, "w")
    assert result.exit_code == 1
    assert "lineage.parquet" in result.output
