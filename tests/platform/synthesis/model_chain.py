"""The platform on a folder and a model, without its checks; run as `model_chain.py PLACE FOLDER URL`."""

import hashlib
import sys
from pathlib import Path

import dagster as dg

from workflowbench_dagster.definitions import defs as platform
from workflowbench_dagster.jobs.rebuild import Rebuild, run_rebuild
from workflowbench_dagster.jobs.scrapes import start_scrape
from workflowbench_dagster.resources.opt_outs import OptOutList
from workflowbench_dagster.resources.scraping import NetworkSources
from workflowbench_dagster.resources.sources import CatalogueSources, ShortcutFolder
from workflowbench_dagster.resources.synthesis import Synthesis
from workflowbench_dagster.resources.tables import ParquetTables

sys.path.append(str(Path(__file__).parents[1]))
from model_resources import model_resources

KEY = "a-key-that-nothing-may-hold"


class Chain:
    """The tables, the ledger and the instance of one place."""

    def __init__(self, place: Path, folder: Path, queries_per_category: int = 1) -> None:
        self.place, self.folder = place, folder
        self.tables = ParquetTables(root=str(place / "tables"))
        self.synthesis = Synthesis(queries_per_category=queries_per_category)

    def definitions(self, **model: object) -> dg.Definitions:
        """The platform with a model for every stage."""
        settings = {"model": "tiny", "key": KEY, "max_in_flight": 8, **model}
        return dg.Definitions(
            assets=platform.assets,
            loggers=platform.loggers,
            executor=platform.executor,
            resources={
                "tables": self.tables,
                "folder": ShortcutFolder(path=str(self.folder)),
                "network": NetworkSources(snapshots=str(self.place / "snapshots")),
                "catalogue": CatalogueSources(),
                "opt_out_list": OptOutList(),
                "gpu": platform.resources["gpu"],
                **model_resources(self.place, self.synthesis, **settings),
            },
        )

    def rebuild(self, **model: object) -> Rebuild:
        """Rebuild what is stale."""
        (self.place / "instance").mkdir(parents=True, exist_ok=True)
        with dg.DagsterInstance.from_config(str(self.place / "instance")) as instance:
            start_scrape(instance, self.tables, ShortcutFolder(path=str(self.folder)))
            return run_rebuild(instance, self.definitions(**model), self.tables)

    def digests(self) -> dict[str, str]:
        """The SHA-256 of every file of the tables and the release."""
        root = self.place / "tables"
        return {
            path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in root.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }


if __name__ == "__main__":
    place, folder, url = sys.argv[1:]
    sys.exit(not Chain(Path(place), Path(folder)).rebuild(backend="openai", url=url).success)
