"""Checks of a scrape of the network: are its pages of a known form, and did it end by itself?"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from workflowbench.collection.scrape_record import ScrapeRecord
from workflowbench_dagster.partitions import SCRAPES
from workflowbench_dagster.resources.scraping import read_record
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.scrape_keys import ScrapeKey

ASSET = "raw_shortcuts"
LEAST_SHARE = 0.9
"""Least share of pages with title, version and download; about one in a thousand has no version."""
FEW_PAGES = 2
"""So many pages without them prove nothing."""


def form_verdict(record: ScrapeRecord) -> tuple[bool, Mapping[str, Any]]:
    """Whether the pages of a scrape have a form that the parser knows, with the figures behind it."""
    n_pages, n_whole = sum(record.forms.values()), record.forms.get("whole", 0)
    share = n_whole / n_pages if n_pages else 1.0
    is_known = n_pages - n_whole <= FEW_PAGES or share >= LEAST_SHARE
    has_list = record.stopped is None or record.stopped.kind != "unknown_list"
    figures = {"n_pages": n_pages, "share_with_title_version_download": share, "least_share": LEAST_SHARE}
    return is_known and has_list, {**figures, "pages_by_form": dict(record.forms), **_stop(record)}


@dg.multi_asset_check(
    name="scrape_checks",
    specs=[
        dg.AssetCheckSpec(
            "known_templates",
            asset=ASSET,
            description="Nearly all pages have title, version and download, and lists their known form.",
            partitions_def=SCRAPES,
        ),
        dg.AssetCheckSpec(
            "ended_by_itself",
            asset=ASSET,
            description="The scrape was not ended by a block, a limit or an outage of the site.",
            partitions_def=SCRAPES,
        ),
    ],
)
def scrape_checks(
    context: dg.AssetCheckExecutionContext, tables: ParquetTables
) -> Iterator[dg.AssetCheckResult]:
    """Check the record of a scrape; a folder has no pages and passes."""
    is_of_network = ScrapeKey.parse(context.partition_key) is not None
    record = read_record(tables, context.partition_key) if is_of_network else None
    known, figures = form_verdict(record) if record else (True, {})
    yield dg.AssetCheckResult(
        asset_key=ASSET, check_name="known_templates", passed=known, metadata={**figures}
    )
    yield dg.AssetCheckResult(
        asset_key=ASSET,
        check_name="ended_by_itself",
        passed=record is None or record.stopped is None,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=_stop(record) if record else {},
    )


def _stop(record: ScrapeRecord) -> dict[str, str]:
    stop = record.stopped
    return {"stopped": stop.reason, "stop_kind": stop.kind} if stop else {}
