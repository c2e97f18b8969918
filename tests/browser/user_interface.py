"""The Dagster UI as this test sees it: where it answers, what it should show, whether it is gone."""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import dagster as dg
import polars as pl

from workflowbench_dagster.definitions import defs
from workflowbench_dagster.homes import Home

REPOSITORY = Path(__file__).parents[2]
SCREENSHOTS = REPOSITORY / ".test-output" / "screenshots"


@dataclass(frozen=True, slots=True)
class Ui:
    """A running UI: its address without a slash at the end, and the home it shows."""

    address: str
    home: Home

    @property
    def data_docs(self) -> Path:
        """The folder of the data docs."""
        return self.home.path / "tables" / "data_docs"

    def asset(self, name: str, **query: str) -> str:
        """Return the address of the page of an asset."""
        return f"{self.address}/assets/{name}?{urlencode(query)}"

    def graph(self, selection: str) -> str:
        """Return the address of the asset graph of a selection, every group of it open."""
        groups = sorted({str(spec.group_name) for spec in defs.resolve_all_asset_specs()})
        opened = urlencode({"expanded": ",".join(f"global@global:{group}" for group in groups)})
        return f"{self.address}/asset-groups~{quote(selection, safe='')}/?{opened}"

    def rows(self, table: str) -> int:
        """Return how many rows the file of a table has: its name, and its partition after a slash."""
        return (
            pl.scan_parquet(self.home.path / "tables" / f"{table}.parquet").select(pl.len()).collect().item()
        )


def asset_names() -> set[str]:
    """Return the name of every asset of the platform."""
    return {spec.key.to_user_string() for spec in defs.resolve_all_asset_specs()}


def made_before(asset: str) -> set[str]:
    """Return the name of an asset and of everything that it is made from, at any distance."""
    graph, found, pending = defs.resolve_asset_graph(), set[dg.AssetKey](), [dg.AssetKey(asset)]
    while pending:
        key = pending.pop()
        if key not in found:
            found.add(key)
            pending += graph.get(key).parent_keys
    return {key.to_user_string() for key in found}


def check_descriptions(asset: str) -> dict[str, str]:
    """Return the checks of an asset: name and description."""
    graph = defs.resolve_asset_graph()
    specs = [graph.get_check_spec(key) for key in graph.asset_check_keys]
    return {spec.name: str(spec.description) for spec in specs if spec.asset_key.to_user_string() == asset}


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def group_is_empty(group: int) -> bool:
    """Tell whether no process of a process group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def wait_until(holds: Callable[[], bool], *, seconds: float) -> None:
    """Wait for a condition that no event announces.

    Raises:
        TimeoutError: it did not hold in time.

    """
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s")
        time.sleep(0.1)
