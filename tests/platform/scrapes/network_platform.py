"""The platform on a replay site."""

import plistlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from model_resources import model_resources

from workflowbench.collection.replay.site import ReplaySite
from workflowbench_dagster.definitions import defs as platform
from workflowbench_dagster.partitions import SCRAPE, all_scrapes
from workflowbench_dagster.resources.gpu import GpuJobs
from workflowbench_dagster.resources.opt_outs import OptOutList
from workflowbench_dagster.resources.scraping import NetworkSources
from workflowbench_dagster.resources.sources import CatalogueSources, ShortcutFolder
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.scrape_keys import ROUTINEHUB, next_key

START = datetime(2026, 11, 21, tzinfo=UTC)


def shortcut(*texts: str) -> bytes:
    """A shortcut that shows each text."""
    actions = [
        {
            "WFWorkflowActionIdentifier": "is.workflow.actions.showresult",
            "WFWorkflowActionParameters": {"Text": text},
        }
        for text in texts
    ]
    document = {"WFWorkflowActions": actions, "WFWorkflowClientVersion": "2302.0.4"}
    return plistlib.dumps(document, fmt=plistlib.FMT_BINARY)


def network_on(site: ReplaySite, folder: Path, **settings: object) -> NetworkSources:
    """The resource for a replay site, without pauses between requests."""
    defaults = {
        "contact": "https://collector.test",
        "snapshots": str(folder / "snapshots"),
        "routinehub": site.address,
        "icloud": site.address,
        "icloud_files": site.address,
        "allow_loopback": True,
        "routinehub_delay_seconds": 0,
        "icloud_delay_seconds": 0,
    }
    return NetworkSources(**{**defaults, **settings})


class Platform:
    """The platform on a replay site; its scrapes are a day apart."""

    def __init__(self, site: ReplaySite, place: Path, instance: dg.DagsterInstance) -> None:
        self.site, self.place, self.instance = site, place, instance
        self.tables = ParquetTables(root=str(place / "tables"))
        self.network = network_on(site, place)
        self.opt_outs = place / "opt-outs.txt"

    @property
    def opt_out_list(self) -> OptOutList:
        """The list of those who opted out, once it is there."""
        return OptOutList(path=str(self.opt_outs) if self.opt_outs.exists() else "")

    @property
    def defs(self) -> dg.Definitions:
        resources = {
            "tables": self.tables,
            "folder": ShortcutFolder(path=str(self.place / "no-folder")),
            "network": self.network,
            "catalogue": CatalogueSources(),
            **model_resources(self.place),
            "opt_out_list": self.opt_out_list,
            "gpu": GpuJobs(workspace=str(self.place / "gpu")),
        }
        return dg.Definitions(
            assets=platform.assets,
            asset_checks=platform.asset_checks,
            jobs=platform.jobs,
            sensors=platform.sensors,
            resources=resources,
            executor=platform.executor,
        )

    def add_scrape(self, adapter: str = "feed", place: str = ROUTINEHUB) -> str:
        """Register the next scrape."""
        scrapes = all_scrapes(self.instance)
        key = str(next_key(place, adapter, scrapes, START + timedelta(days=len(scrapes))))
        self.instance.add_dynamic_partitions(SCRAPE, [key])
        return key

    def run(self, key: str, *assets: str, **options: object) -> dg.ExecuteInProcessResult:
        """Materialize assets of one scrape, `raw_shortcuts` by default."""
        names = assets or ("raw_shortcuts", "raw_shortcuts_dropped")
        return self.defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=self.instance,
            partition_key=key,
            asset_selection=[dg.AssetKey(name) for name in names],
            raise_on_error=False,
            **options,
        )

    def scrape(self, adapter: str = "feed") -> str:
        """Scrape the site: the key of the partition."""
        key = self.add_scrape(adapter)
        assert self.run(key).success
        return key

    def metadata(self, key: str) -> dict[str, object]:
        """What the newest materialization of a scrape says of itself."""
        record = self.instance.fetch_materializations(
            dg.AssetRecordsFilter(dg.AssetKey("raw_shortcuts"), asset_partitions=[key]), limit=1
        ).records[0]
        return {name: value.value for name, value in record.asset_materialization.metadata.items()}
