"""A scrape that is killed again and again, without warning, at moments of chance."""

import random
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from workflowbench.collection.replay.icloud_records import identifier
from workflowbench.collection.replay.site import ReplaySite
from workflowbench.tables import RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED
from workflowbench_dagster.resources.scraping import read_record
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.scrape_keys import ScrapeKey

KEY = ScrapeKey("routinehub", datetime(2026, 11, 21, tzinfo=UTC), "pages")
PROGRAM = """
import sys
from workflowbench.tables import RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED
from workflowbench_dagster.resources.scraping import NetworkSources
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.scrape_keys import ScrapeKey

address, place, key = sys.argv[1:]
tables = ParquetTables(root=f"{place}/tables")
sites = dict(routinehub=address, icloud=address, icloud_files=address, allow_loopback=True)
pauses = dict(routinehub_delay_seconds=0.004, icloud_delay_seconds=0.004)
network = NetworkSources(contact="https://a.test", snapshots=f"{place}/snapshots", **sites, **pauses)
found = network.collect(tables, [key], ScrapeKey.parse(key), print)
tables.write(RAW_SHORTCUTS_DROPPED, found.dropped, key)
tables.write(RAW_SHORTCUTS, found.raw, key, found.notes)
"""
N_SHORTCUTS = 60


@pytest.fixture
def site():
    with ReplaySite() as site:
        for number in range(1, N_SHORTCUTS + 1):
            text = f"<string>{number}</string>".encode()
            head = b'<?xml version="1.0"?><plist version="1.0"><dict><key>WFWorkflowActions</key><array/>'
            site.offer(number, f"Shortcut {number}", head + b"<key>a</key>" + text + b"</dict></plist>")
        yield site


def start(site, place):
    return subprocess.Popen([sys.executable, "-c", PROGRAM, site.address, str(place), str(KEY)])


def kill_after(process, site, n_requests):
    """Kill the process once the site has been asked so often; False if it ended before."""
    while len(site.server.asked) < n_requests:
        if process.poll() is not None:
            return False
        time.sleep(0.001)
    process.kill()
    process.wait()
    return True


def test_a_scrape_killed_at_random_ends_with_the_same_rows_and_fetches_nothing_twice(site, tmp_path):
    whole = start(site, tmp_path / "whole")
    assert whole.wait(timeout=120) == 0
    expected, n_whole = ParquetTables(root=str(tmp_path / "whole" / "tables")), len(site.server.asked)
    site.server.asked.clear()
    chance, kills = random.Random(3), 0
    for moment in sorted(chance.sample(range(2, n_whole), 5)):
        kills += kill_after(start(site, tmp_path / "killed"), site, moment)
    last = start(site, tmp_path / "killed")
    assert last.wait(timeout=120) == 0
    assert kills >= 4
    found = ParquetTables(root=str(tmp_path / "killed" / "tables"))
    columns = [name for name in RAW_SHORTCUTS.schema if name != "fetched_at"]
    for table, compared in ((RAW_SHORTCUTS, columns), (RAW_SHORTCUTS_DROPPED, None)):
        frames = [tables.read(table, str(KEY)).select(compared or "*") for tables in (expected, found)]
        assert frames[0].equals(frames[1])
    assert expected.read(RAW_SHORTCUTS, str(KEY)).height == N_SHORTCUTS
    assert read_record(expected, str(KEY)) == read_record(found, str(KEY))
    asked = Counter(path for path in site.server.asked if path != "/robots.txt")
    again = {path: count for path, count in asked.items() if count > 1}
    # What was under way when a process died has no answer; a record is read again for its file's address.
    assert sum(count - 1 for count in again.values()) <= 2 * kills
    records = {f"/shortcuts/api/records/{identifier(number)}" for number in range(1, N_SHORTCUTS + 1)}
    assert len(again.keys() - records) <= kills
