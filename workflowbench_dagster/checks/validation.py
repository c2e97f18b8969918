"""Running a suite with Great Expectations: a verdict per expectation."""

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one expectation: whether it passed, its figures, and the error if it raised one."""

    expectation: Expectation
    passed: bool
    figures: Mapping[str, Any]
    error: str | None = None


def validate(suite: Suite, frame: pl.DataFrame) -> list[Verdict]:
    """Hold a light frame against its suite: verdicts in the order of the suite.

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
    results = {_check_name(item): item for item in result.results}
    return [_verdict(expectation, results[expectation.check]) for expectation in suite.expectations]


def _expectation(expectation: Expectation) -> Any:
    from great_expectations import expectations as library

    return getattr(library, expectation.type)(
        **expectation.arguments, meta={"check": expectation.check}, description=expectation.description
    )


def _check_name(result: Any) -> str:
    return str(result.expectation_config.meta["check"])


def _verdict(expectation: Expectation, result: Any) -> Verdict:
    error = _error(result.exception_info or {})
    return Verdict(expectation, bool(result.success) and error is None, _figures(result.result), error)


def _figures(result: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the figures of a result; a list of failing values only where there are any."""
    figures = {name: _plain(value) for name, value in result.items() if name in _FIGURES}
    return {name: value for name, value in figures.items() if value != []}


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
