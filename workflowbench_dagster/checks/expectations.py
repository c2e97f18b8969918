"""The suites of the tables as asset checks: one check per expectation, and a page of data docs per table."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from workflowbench_dagster.checks.data_docs import data_docs_page
from workflowbench_dagster.checks.suites import Expectation, Suite
from workflowbench_dagster.checks.table_suites import SUITES
from workflowbench_dagster.checks.validation import Verdict, validate
from workflowbench_dagster.partitions import SCRAPES, all_scrapes, is_scraped
from workflowbench_dagster.resources.tables import ParquetTables


def expectation_checks(suite: Suite) -> dg.AssetChecksDefinition:
    """Return the checks of one suite; they run together and write `data_docs/<asset>/index.html`."""
    partitions = SCRAPES if is_scraped(suite.asset) else None

    @dg.multi_asset_check(
        name=f"{suite.asset}_expectations",
        specs=[_spec(suite, expectation) for expectation in suite.expectations],
    )
    def expectations(
        context: dg.AssetCheckExecutionContext, tables: ParquetTables
    ) -> Iterator[dg.AssetCheckResult]:
        scrape = context.partition_key if partitions else None
        frame = suite.light_frame(tables, [scrape] if scrape else all_scrapes(context.instance))
        verdicts = validate(suite, frame)
        page = data_docs_page(suite.asset, scrape, frame.height, verdicts, datetime.now(UTC))
        docs = "/".join(["data_docs", suite.asset, *([scrape] if scrape else [])])
        with tables.replacing(docs) as folder:
            (folder / "index.html").write_text(page, encoding="utf-8")
        yield from (_result(suite, verdict, tables.storage.uri(docs)) for verdict in verdicts)

    return expectations


def _spec(suite: Suite, expectation: Expectation) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        expectation.check,
        asset=suite.asset,
        description=expectation.description,
        blocking=expectation.blocks,
        partitions_def=SCRAPES if is_scraped(suite.asset) else None,
    )


def _result(suite: Suite, verdict: Verdict, docs: str) -> dg.AssetCheckResult:
    expectation = verdict.expectation
    error = {"error": verdict.error} if verdict.error else {}
    return dg.AssetCheckResult(
        asset_key=suite.asset,
        check_name=expectation.check,
        passed=verdict.passed,
        severity=dg.AssetCheckSeverity.ERROR if expectation.blocks else dg.AssetCheckSeverity.WARN,
        metadata={
            "expectation": expectation.type,
            "arguments": dict(expectation.arguments),
            "data_docs": dg.MetadataValue.path(f"{docs}/index.html"),
            **verdict.figures,
            **error,
        },
    )


EXPECTATION_CHECKS = [expectation_checks(suite) for suite in SUITES]
"""The checks of every suite."""
