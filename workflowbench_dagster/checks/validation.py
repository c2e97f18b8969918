"""Running a suite with Great Expectations: a verdict per expectation, and a page for readers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from workflowbench_dagster.checks.suites import Expectation, Suite

_MAX_VALUES = 5
_MAX_CHARACTERS = 80

_FIGURES = (
    "element_count",
    "unexpected_count",
    "unexpected_percent",
    "missing_count",
    "missing_percent",
    "observed_value",
    "partial_unexpected_list",
)
"""What is kept of a result: counts, and a few failing values of a light column, cut short."""

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; color: #222; }
table { border-collapse: collapse; margin: 0.5rem 0; }
td, th { border: 1px solid #ccc; padding: 0.3rem 0.6rem; text-align: left; }
ul { padding-left: 1.2rem; }
i { font-style: normal; }
.col-lg-2, .modal, .alert-secondary, button { display: none; }
.fa-check-circle::before { content: "passed"; color: #1a7f37; }
.fa-times::before { content: "failed"; color: #b3261e; }
.fa-exclamation-triangle::before { content: "error"; color: #9a6700; }
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one expectation: whether it passed, its figures, and the error if it raised one."""

    expectation: Expectation
    passed: bool
    figures: Mapping[str, Any]
    error: str | None = None


def validate(suite: Suite, frame: pl.DataFrame) -> tuple[list[Verdict], str]:
    """Hold a light frame against its suite: verdicts in the order of the suite, and one page of HTML.

    An expectation that raises is a failed one.
    """
    # Great Expectations takes 3 s and 265 MB to import, too much for a process that loads definitions.
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    expectations = [_expectation(expectation) for expectation in suite.expectations]
    source = context.data_sources.add_pandas("light").add_dataframe_asset(suite.asset)
    definition = gx.ValidationDefinition(
        name=suite.asset,
        data=source.add_batch_definition_whole_dataframe("all"),
        suite=context.suites.add(gx.ExpectationSuite(name=suite.asset, expectations=expectations)),
    )
    result = context.validation_definitions.add(definition).run(
        batch_parameters={"dataframe": frame.to_pandas()}, result_format="SUMMARY"
    )
    for item in result.results:
        item.result = {name: _plain(value) for name, value in item.result.items() if name in _FIGURES}
    results = {_check_name(item): item for item in result.results}
    verdicts = [_verdict(expectation, results[expectation.check]) for expectation in suite.expectations]
    return verdicts, _page(result)


def _expectation(expectation: Expectation) -> Any:
    from great_expectations import expectations as library

    return getattr(library, expectation.type)(
        **expectation.arguments, meta={"check": expectation.check}, description=expectation.description
    )


def _check_name(result: Any) -> str:
    return str(result.expectation_config.meta["check"])


def _verdict(expectation: Expectation, result: Any) -> Verdict:
    error = _error(result.exception_info or {})
    return Verdict(expectation, bool(result.success) and error is None, result.result, error)


def _error(exception_info: Mapping[str, Any]) -> str | None:
    """Return the message of the exception: the mapping is one report, or one report per metric."""
    reports = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    return next((str(r["exception_message"])[:300] for r in reports if r["raised_exception"]), None)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value[:_MAX_VALUES]]
    if isinstance(value, str):
        return value[:_MAX_CHARACTERS]
    return value.item() if hasattr(value, "item") else value


def _page(result: Any) -> str:
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaPageView

    content = ValidationResultsPageRenderer().render(result)
    return readable_offline(DefaultJinjaPageView().render(content))  # type: ignore[no-untyped-call]


def readable_offline(page: str) -> str:
    """Strip scripts, remote styles, images and links from a page of data docs, and give it its own style."""
    page = re.sub(r"<(script|style|nav|footer)\b.*?</\1>", "", page, flags=re.DOTALL | re.IGNORECASE)
    page = re.sub(r"<(link|img)\b[^>]*>", "", page, flags=re.IGNORECASE)
    page = re.sub(r"</?a\b[^>]*>", "", page, flags=re.IGNORECASE)
    return page.replace("</head>", f"<style>{_STYLE}</style></head>", 1)
