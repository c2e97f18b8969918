"""The ledger: entries that stay, whoever writes, dies or damages the file."""

import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from workflowbench.llm.ledger import Entry, Ledger, LedgerError

KEY = "ab" * 32
ENTRY = Entry(
    status=200,
    response={"model": "tiny", "choices": [{"message": {"content": "yes"}}]},
    model="tiny",
    prompt="test@1",
    request_bytes=10,
    asked_at="2026-11-20T00:00:00+00:00",
    seconds=0.5,
)

WRITER = """
import sys, dataclasses
from pathlib import Path
from workflowbench.llm.ledger import Entry, Ledger
ledger = Ledger(Path(sys.argv[1]))
entry = Entry(200, {"text": "x" * 3000}, "tiny", "test@1", 10, "now")
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    ledger.store(f"{number:064x}", entry)
    print(number, flush=True)
"""


def writer(path: Path, first: int, last: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(first), str(last)], stdout=subprocess.PIPE
    )


def damage(path: Path, statement: str) -> None:
    """Change the file behind the ledger's back."""
    database = sqlite3.connect(path)
    database.executescript(f"DROP TRIGGER IF EXISTS entries_stay_as_they_are; {statement};")
    database.commit()
    database.close()


def test_an_entry_is_found_as_it_was_stored(ledger: Ledger) -> None:
    ledger.store(KEY, ENTRY)
    assert ledger.find(KEY) == ENTRY


def test_an_unknown_key_has_no_entry(ledger: Ledger) -> None:
    assert ledger.find(KEY) is None


def test_the_first_entry_counts(ledger: Ledger) -> None:
    ledger.store(KEY, ENTRY)
    assert ledger.store(KEY, replace(ENTRY, seconds=9.0)) == ENTRY
    assert len(ledger) == 1


def test_entries_outlive_the_process(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.store(KEY, ENTRY)
    with Ledger(path) as ledger:
        assert ledger.find(KEY) == ENTRY


def test_a_damaged_entry_counts_as_absent_and_is_stored_anew(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.store(KEY, ENTRY)
        damage(path, "UPDATE entries SET record = CAST(replace(record, 'yes', 'no!') AS BLOB)")
        assert ledger.find(KEY) is None
        ledger.store(KEY, ENTRY)
        assert ledger.find(KEY) == ENTRY


def test_an_entry_under_a_wrong_key_counts_as_damaged(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.store(KEY, ENTRY)
        damage(path, f"UPDATE entries SET key = X'{'cd' * 32}'")
        assert ledger.find("cd" * 32) is None


@pytest.mark.parametrize("statement", ["UPDATE entries SET record = X''", "DELETE FROM entries"])
def test_entries_cannot_be_changed(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.store(KEY, ENTRY)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        sqlite3.connect(path).execute(statement)


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"no database, but long enough to be read as one " * 100)
    with pytest.raises(LedgerError, match=r"notes\.txt"):
        Ledger(path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="file"):
        Ledger(tmp_path / "file" / "ledger.sqlite")


def read_all(path: Path) -> None:
    with Ledger(path) as ledger:
        for number in range(200):
            ledger.find(f"{number:064x}")


def test_a_torn_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        for number in range(200):
            ledger.store(f"{number:064x}", replace(ENTRY, response={"text": "x" * 3000}))
    path.write_bytes(path.read_bytes()[:-100_000])
    with pytest.raises(LedgerError, match="recover"):
        read_all(path)


def test_a_writer_killed_at_any_moment_loses_nothing_that_it_reported(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    reported = 0
    for first in range(0, 3000, 1000):
        process = writer(path, first, first + 1000)
        assert process.stdout is not None
        for _ in range(37):
            reported = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        process.wait()
        with Ledger(path) as ledger:
            assert all(ledger.find(f"{number:064x}") for number in range(first, reported + 1))


def test_two_processes_may_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    processes = [writer(path, 0, 300), writer(path, 200, 500)]
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0, 0]
    with Ledger(path) as ledger:
        assert all(ledger.find(f"{number:064x}") for number in range(500))


def test_processes_may_make_one_ledger_at_once(tmp_path: Path) -> None:
    for attempt in range(3):
        processes = [writer(tmp_path / f"{attempt}.sqlite", n, n + 1) for n in range(4)]
        for process in processes:
            process.communicate()
        assert [process.returncode for process in processes] == [0] * 4


def test_threads_share_a_ledger(ledger: Ledger) -> None:
    threads = [
        threading.Thread(target=lambda: [ledger.store(f"{n:064x}", ENTRY) for n in range(100)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger) == 100


@pytest.mark.parametrize("column", ["record", "digest"])
@pytest.mark.parametrize("value", ["NULL", "7", "CAST(X'FF00' AS TEXT)"])
def test_a_damaged_entry_of_another_type_counts_as_absent(tmp_path: Path, column: str, value: str) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.store(KEY, ENTRY)
    declared = "CREATE TABLE entries (id INTEGER PRIMARY KEY, key, record, digest)"
    schema = f"UPDATE sqlite_schema SET sql = '{declared}' WHERE name = 'entries'"
    damage(path, f"PRAGMA writable_schema = ON; {schema}")
    damage(path, f"UPDATE entries SET {column} = {value}")
    with Ledger(path) as ledger:
        assert ledger.find(KEY) is None
        assert list(ledger.newest(10)) == []
        assert ledger.store(KEY, ENTRY) == ENTRY


def test_a_damaged_schema_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE entries", b"CREATE TAB\xe5E entries"))
    with pytest.raises(LedgerError, match="recover"):
        Ledger(path)
