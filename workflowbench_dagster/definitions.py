"""Joins the assets, checks, jobs and resources of the platform."""

import dagster as dg

from workflowbench_dagster.assets.annotated_workflows import annotated_workflows
from workflowbench_dagster.assets.annotator import annotator
from workflowbench_dagster.assets.api_catalogue import api_catalogue
from workflowbench_dagster.assets.confirmed_workflows import confirmed_workflows
from workflowbench_dagster.assets.expanded_queries import expanded_queries
from workflowbench_dagster.assets.generated_workflows import generated_workflows
from workflowbench_dagster.assets.lineage import lineage
from workflowbench_dagster.assets.opt_outs import opt_outs
from workflowbench_dagster.assets.quality_funnel import quality_funnel
from workflowbench_dagster.assets.raw_shortcuts import raw_shortcuts
from workflowbench_dagster.assets.release import release
from workflowbench_dagster.assets.seed_splits import seed_splits
from workflowbench_dagster.assets.seed_workflows import seed_workflows
from workflowbench_dagster.assets.splits import splits
from workflowbench_dagster.assets.statistics import statistics
from workflowbench_dagster.assets.transcribed_workflows import transcribed_workflows
from workflowbench_dagster.assets.workflowbench import workflowbench
from workflowbench_dagster.assets.workflowllama import workflowllama
from workflowbench_dagster.checks.derivation import closed_under_derivation
from workflowbench_dagster.checks.expectations import EXPECTATION_CHECKS
from workflowbench_dagster.checks.release_secrets import no_secrets
from workflowbench_dagster.checks.schema import SCHEMA_CHECKS
from workflowbench_dagster.checks.scrapes import scrape_checks
from workflowbench_dagster.jobs.automation import carry_on, daily_rebuild, folder_changes, rebuild
from workflowbench_dagster.jobs.network_automation import (
    icloud_links_news,
    icloud_links_updates,
    routinehub_news,
    routinehub_updates,
    scrape,
)
from workflowbench_dagster.jobs.opt_outs import opt_out_changes, read_opt_outs
from workflowbench_dagster.jobs.progress import progress
from workflowbench_dagster.jobs.synthesis import synthesise
from workflowbench_dagster.jobs.training import train
from workflowbench_dagster.resources.environment import resources

defs = dg.Definitions(
    assets=[
        *(api_catalogue, raw_shortcuts, opt_outs, transcribed_workflows, annotated_workflows, seed_workflows),
        *(seed_splits, expanded_queries, generated_workflows, confirmed_workflows, quality_funnel),
        *(workflowbench, splits, statistics, lineage, release),
        *(annotator, workflowllama),
    ],
    asset_checks=[*SCHEMA_CHECKS, *EXPECTATION_CHECKS, scrape_checks, closed_under_derivation, no_secrets],
    jobs=[rebuild, scrape, synthesise, read_opt_outs, train],
    sensors=[folder_changes, routinehub_news, icloud_links_news, opt_out_changes, carry_on],
    schedules=[daily_rebuild, routinehub_updates, icloud_links_updates],
    resources=resources(),
    loggers={"console": dg.colored_console_logger, "progress": progress},
    executor=dg.in_process_executor,
)
