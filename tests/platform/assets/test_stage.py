import dagster as dg

from workflowbench.tables import RAW_SHORTCUTS
from workflowbench_dagster.assets.raw_shortcuts import raw_shortcuts
from workflowbench_dagster.checks.schema import SCHEMA_CHECKS
from workflowbench_dagster.jobs.scrapes import start_scrape
from workflowbench_dagster.resources.scraping import NetworkSources
from workflowbench_dagster.resources.sources import ShortcutFolder

SCHEMA_CHECK = next(
    check
    for check in SCHEMA_CHECKS
    if RAW_SHORTCUTS.name in {key.asset_key.to_user_string() for key in check.check_keys}
)


def scraped(instance, tables, folder):
    """Scrape a folder: the metadata of `raw_shortcuts`."""
    source = ShortcutFolder(path=str(folder))
    result = dg.materialize(
        [raw_shortcuts, SCHEMA_CHECK],
        instance=instance,
        partition_key=start_scrape(instance, tables, source),
        resources={
            "tables": tables,
            "folder": source,
            "network": NetworkSources(snapshots=str(folder.parent / "snapshots")),
        },
    )
    (event,) = (
        event
        for event in result.get_asset_materialization_events()
        if event.asset_key.path == ["raw_shortcuts"]
    )
    (check,) = result.get_asset_check_evaluations()
    return event.materialization.metadata, check.metadata


def values(metadata, *names):
    return [metadata[name].value for name in names]


def test_a_partition_reports_its_rows_and_those_of_every_scrape(instance, tables, folder, add_shortcut):
    counts = ("dagster/partition_row_count", "dagster/row_count")
    assert values(scraped(instance, tables, folder)[0], *counts) == [4, 4]
    add_shortcut(folder / "Milk.shortcut", "Pour")
    assert values(scraped(instance, tables, folder)[0], *counts) == [1, 5]


def test_a_schema_check_reports_what_it_looked_at(instance, tables, folder):
    check = scraped(instance, tables, folder)[1]
    assert values(check, "rows_checked", "columns_checked") == [4, len(RAW_SHORTCUTS.columns)]
