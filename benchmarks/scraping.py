"""Scrapes many shortcuts from a site on this machine without pauses: time and peak memory.

`python benchmarks/scraping.py [SHORTCUTS] [BYTES]`: 10,000 shortcuts of 20,000 bytes each by default. The
site runs in a process of its own, so that the memory is that of the scrape alone.
"""

import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from workflowbench.collection.replay.site import ReplaySite
from workflowbench.tables import RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED
from workflowbench_dagster.resources.scraping import NetworkSources
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.scrape_keys import ScrapeKey

KEY = ScrapeKey("routinehub", datetime(2026, 11, 21, tzinfo=UTC), "pages")
HEAD = b'<?xml version="1.0"?><plist version="1.0"><dict><key>WFWorkflowActions</key><array/><key>a</key>'
TAIL = b"</string></dict></plist>"


def serve(connection: Connection, n_shortcuts: int, n_bytes: int) -> None:
    """Play the site until told to stop."""
    with ReplaySite() as site:
        for number in range(1, n_shortcuts + 1):
            payload = HEAD + b"<string>" + str(number).encode() + b"x" * n_bytes + TAIL
            site.offer(number, f"Shortcut {number}", payload)
        connection.send(site.address)
        connection.recv()
        connection.send(len(site.server.asked))


def main() -> None:
    """Scrape, store, and print what it took."""
    n_shortcuts, n_bytes = (int(value) for value in (*sys.argv[1:], 10_000, 20_000)[:2])
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, n_shortcuts, n_bytes), daemon=True)
    process.start()
    address = ours.recv()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with tempfile.TemporaryDirectory() as place:
        started = time.monotonic()
        n_rows = scrape(address, Path(place), n_shortcuts)
        seconds = time.monotonic() - started
    ours.send("stop")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    n_requests = ours.recv()
    print(f"{n_rows} of {n_shortcuts} shortcuts of {n_bytes} bytes, {n_requests} requests, {seconds:.0f} s")
    print(f"peak memory {peak:.0f} MiB, {before:.0f} MiB of it before the scrape")


def scrape(address: str, place: Path, n_shortcuts: int) -> int:
    """Scrape the whole site into one partition: its rows."""
    tables = ParquetTables(root=str(place / "tables"))
    network = NetworkSources(
        contact="https://benchmark.test",
        snapshots=str(place / "snapshots"),
        routinehub=address,
        icloud=address,
        icloud_files=address,
        allow_loopback=True,
        routinehub_delay_seconds=0,
        icloud_delay_seconds=0,
        list_pages=n_shortcuts,
    )
    found = network.collect(tables, [str(KEY)], KEY, print)
    tables.write(RAW_SHORTCUTS_DROPPED, found.dropped, str(KEY))
    return tables.write(RAW_SHORTCUTS, found.raw, str(KEY), found.notes).n_rows


if __name__ == "__main__":
    main()
