import pytest
from rich.console import Console

from workflowbench.tables import RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED, SPLITS, TABLES
from workflowbench_dagster.partitions import partitions_of
from workflowbench_dagster.summary import STAGES, funnel

SCRAPES = ["folder-a-0001", "folder-a-0002", "folder-b-0001"]


def raw(path, scrape):
    return RAW_SHORTCUTS.frame(
        [
            {
                "raw_id": path,
                "scrape": scrape,
                "source": "folder",
                "source_path": path,
                "title": path,
                "categories": [],
                "is_withdrawn": False,
                "size_bytes": 0,
            }
        ]
    )


def drop(path, rule):
    row = {"row_id": path, "title": path, "stage": "raw_shortcuts", "rule": rule, "detail": ""}
    return RAW_SHORTCUTS_DROPPED.frame([row])


@pytest.fixture
def lines(tables):
    """A function that prints the funnel: the words of each line by the first one."""
    for table in (*STAGES, *(TABLES[f"{table.name}_dropped"] for table in STAGES), SPLITS):
        for scrape in SCRAPES if partitions_of(table.name) else [None]:
            tables.write(table, table.frame(), scrape)

    def lines():
        console = Console(width=200)
        with console.capture() as printed:
            console.print(funnel(tables, SCRAPES))
        return {line.split()[0]: line.split()[1:] for line in printed.get().splitlines() if line}

    return lines


def test_a_file_that_came_later_is_missing_no_longer(tables, lines):
    tables.write(RAW_SHORTCUTS_DROPPED, drop("Tea", "missing_file"), "folder-a-0001")
    assert lines()["raw_shortcuts"] == ["0", "1", "missing_file", "1"]
    tables.write(RAW_SHORTCUTS, raw("Tea", "folder-a-0002"), "folder-a-0002")
    assert lines()["raw_shortcuts"] == ["1", "0"]


def test_a_file_that_every_scrape_drops_is_one_drop(tables, lines):
    for scrape in ("folder-a-0001", "folder-a-0002"):
        tables.write(RAW_SHORTCUTS_DROPPED, drop("Tea", "duplicate_file"), scrape)
    assert lines()["raw_shortcuts"] == ["0", "1", "duplicate_file", "1"]


def test_the_same_path_in_another_source_is_another_file(tables, lines):
    tables.write(RAW_SHORTCUTS_DROPPED, drop("Tea", "missing_file"), "folder-a-0002")
    tables.write(RAW_SHORTCUTS, raw("Tea", "folder-b-0001"), "folder-b-0001")
    assert lines()["raw_shortcuts"] == ["1", "1", "missing_file", "1"]
