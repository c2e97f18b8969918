"""The rebuild as a job, and what starts it: a sensor on the folder and a daily schedule, both stopped."""

import dagster as dg

from workflowbench.collection.errors import SourceError
from workflowbench_dagster.conditions import SYNTHESISED
from workflowbench_dagster.costs import free_of_charge
from workflowbench_dagster.jobs.scrapes import due_scrape, start_scrape
from workflowbench_dagster.partitions import SCRAPES
from workflowbench_dagster.resources.environment import automation_seconds
from workflowbench_dagster.resources.sources import ShortcutFolder
from workflowbench_dagster.resources.tables import ParquetTables

rebuild = dg.define_asset_job(
    "rebuild",
    selection=free_of_charge() - dg.AssetSelection.assets(*SYNTHESISED, "quality_funnel"),
    description="Collect one scrape and carry it to the release; synthetic workflows stay as they are.",
    tags={"team": "workflowbench"},
)


@dg.sensor(
    job=rebuild,
    minimum_interval_seconds=300,
    description="Starts a scrape and a rebuild when files of the folder are new, changed or gone.",
)
def folder_changes(
    context: dg.SensorEvaluationContext, tables: ParquetTables, folder: ShortcutFolder
) -> dg.SensorResult | dg.SkipReason:
    """Launch `rebuild` on a new scrape when the folder changed."""
    try:
        scrape = due_scrape(context.instance, tables, folder)
    except SourceError as error:
        return dg.SkipReason(str(error))
    if scrape is None:
        return dg.SkipReason(f"{folder.path} is as the last scrape left it.")
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=scrape, partition_key=scrape)],
        dynamic_partitions_requests=[SCRAPES.build_add_request([scrape])],
    )


carry_on = dg.AutomationConditionSensorDefinition(
    "carry_on",
    target=dg.AssetSelection.all(),
    minimum_interval_seconds=automation_seconds(),
    description="Carries what changed through transcription, offline thoughts, seed table and bench to the"
    " release: exactly the partitions and tables whose inputs changed, unless a blocking check failed.",
)


@dg.schedule(
    job=rebuild,
    cron_schedule="0 3 * * *",
    execution_timezone="UTC",
    description="Starts a scrape and a rebuild at 3:00 UTC if files of the folder are new, changed or gone.",
)
def daily_rebuild(
    context: dg.ScheduleEvaluationContext, tables: ParquetTables, folder: ShortcutFolder
) -> dg.RunRequest | dg.SkipReason:
    """Launch `rebuild` on a new scrape if the folder changed since the last one."""
    scrape = start_scrape(context.instance, tables, folder)
    if scrape is None:
        return dg.SkipReason(f"{folder.path} is as the last scrape left it.")
    return dg.RunRequest(run_key=scrape, partition_key=scrape)
