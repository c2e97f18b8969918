import dagster as dg
import polars as pl
import pytest
from network_platform import shortcut

from workflowbench.collection.cursor import Cursor
from workflowbench.collection.scrape_record import ScrapeRecord
from workflowbench.tables import RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED, TRANSCRIBED_WORKFLOWS, WORKFLOWBENCH
from workflowbench_dagster.jobs.opt_outs import opt_out_changes
from workflowbench_dagster.resources.scraping import RECORD

pytestmark = pytest.mark.filterwarnings("ignore::dagster.BetaWarning")

SCRAPED = ("transcribed_workflows", "annotated_workflows")
WHOLE = (
    *("api_catalogue", "seed_workflows", "seed_splits", "api_pools"),
    *("workflowbench", "splits", "statistics", "lineage", "release"),
)


class Daemon:
    """Evaluates the automation conditions, and runs what they ask for."""

    def __init__(self, place):
        self.place, self.cursor = place, None

    def tick(self):
        """One evaluation: what it asks for, as asset and partition, without the tables of dropped rows."""
        result = dg.evaluate_automation_conditions(self.place.defs, self.place.instance, cursor=self.cursor)
        self.cursor = result.cursor
        subsets = [entry.true_subset for entry in result.results if isinstance(entry.key, dg.AssetKey)]
        return {
            (subset.key.to_user_string(), key)
            for subset in subsets
            if not subset.is_empty
            for key in (subset.expensively_compute_partition_keys() if subset.is_partitioned else [None])
            if not subset.key.to_user_string().endswith("_dropped")
        }

    def settle(self):
        """Tick and run until nothing is asked for: what each tick asked for."""
        asked = []
        while wanted := self.tick():
            asked.append(wanted)
            for partition in sorted({key for _, key in wanted}, key=str):
                names = [name for name, key in wanted if key == partition]
                dropped = [
                    f"{name}_dropped"
                    for name in names
                    if name in (*SCRAPED, "seed_workflows", "workflowbench")
                ]
                assert self.place.run(partition, *names, *dropped).success
        return asked


def carried(*scrapes):
    return {(name, key) for name in SCRAPED for key in scrapes}


ALL_TABLES = {(name, None) for name in WHOLE}
OPT_OUTS = {("opt_outs", None)}


def test_each_new_scrape_alone_is_carried_to_the_release_and_the_tables_are_made_once(place):
    daemon = Daemon(place)
    assert daemon.settle() == [OPT_OUTS]
    first = place.scrape()
    assert daemon.settle() == [carried(first), ALL_TABLES]
    place.site.offer(9, "New", shortcut("a", "b"))
    second = place.scrape()
    assert daemon.settle() == [carried(second), ALL_TABLES]


def test_scrapes_that_came_before_the_automation_are_picked_up(place):
    first = place.scrape()
    place.site.offer(9, "New", shortcut("a", "b"))
    second = place.scrape()
    assert Daemon(place).settle() == [OPT_OUTS, carried(first, second), ALL_TABLES]


def test_a_scrape_that_is_made_again_with_the_same_rows_starts_nothing(place):
    daemon, key = Daemon(place), place.scrape()
    daemon.settle()
    assert place.run(key).success
    assert daemon.tick() == set()


def test_what_a_job_has_rebuilt_is_not_asked_for_again(place):
    daemon = Daemon(place)
    daemon.tick()
    rebuilt = place.defs.resolve_job_def("rebuild").asset_layer.executable_asset_keys
    everything = [key.to_user_string() for key in rebuilt]
    assert place.run(place.add_scrape(), *everything).success
    assert daemon.tick() == set()


def test_a_failed_blocking_check_holds_everything_back(place):
    daemon, key = Daemon(place), place.add_scrape()
    daemon.tick()
    row = {name: "x" for name, dtype in RAW_SHORTCUTS.schema.items() if dtype == pl.String}
    notes = {RECORD: ScrapeRecord("routinehub:127.0.0.1", Cursor()).to_json()}
    place.tables.write(RAW_SHORTCUTS_DROPPED, RAW_SHORTCUTS_DROPPED.frame(), key)
    place.tables.write(RAW_SHORTCUTS, RAW_SHORTCUTS.frame([row, row]), key, notes)
    assert not place.run(key).success
    assert daemon.tick() == set()


def test_an_opt_out_is_carried_to_the_release(place):
    daemon, key = Daemon(place), place.scrape()
    daemon.settle()
    listed = place.tables.read(TRANSCRIBED_WORKFLOWS, key)["title"][0]
    identifier = place.tables.read(RAW_SHORTCUTS, key).filter(title=listed)["source_path"][0]
    place.opt_outs.write_text(f"{identifier}\n")
    with dg.build_sensor_context(place.instance, resources={"opt_out_list": place.opt_out_list}) as context:
        assert isinstance(opt_out_changes(context), dg.RunRequest)
        assert place.run(None, "opt_outs").success
        assert isinstance(opt_out_changes(context), dg.SkipReason)
    asked = set().union(*daemon.settle())
    assert asked >= {("transcribed_workflows", key), ("annotated_workflows", key), ("release", None)}
    assert listed not in place.tables.read(WORKFLOWBENCH)["title"].to_list()
