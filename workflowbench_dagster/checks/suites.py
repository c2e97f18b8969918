"""What is expected of each table, as plain data: one named expectation per check.

An expectation looks at a light frame (lengths, flags, ids, figures), never at the text of a row, so that no
scraped text reaches the event log or the data docs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from workflowbench_dagster.resources.tables import ParquetTables

LightFrame = Callable[[ParquetTables, Sequence[str]], pl.DataFrame]
"""From the table store and the scrapes that the asset is made of to the light frame of the asset."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One check: its name, the Great Expectations class and its arguments, and a sentence for readers.

    A failed check stops what depends on the table if it `blocks`; otherwise it is a warning.
    """

    check: str
    type: str
    arguments: Mapping[str, object]
    description: str
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class Suite:
    """The expectations of one asset, and the light frame that they look at."""

    asset: str
    light_frame: LightFrame
    expectations: tuple[Expectation, ...]


def always(column: str, description: str, *, blocks: bool = True) -> Expectation:
    """Expect a flag to be true in every row; the check has the name of the flag."""
    arguments = {"column": column, "value_set": [True]}
    return Expectation(column, "ExpectColumnValuesToBeInSet", arguments, description, blocks)


def one_of(column: str, values: list[str], description: str) -> Expectation:
    """Expect a column to hold only the given values."""
    arguments = {"column": column, "value_set": values}
    return Expectation(f"{column}_known", "ExpectColumnValuesToBeInSet", arguments, description)


def between(
    column: str, low: float | None, high: float | None, description: str, *, blocks: bool = True
) -> Expectation:
    """Expect every value of a column to lie between two limits, both included; None is no limit."""
    arguments = {"column": column, "min_value": low, "max_value": high}
    return Expectation(f"{column}_range", "ExpectColumnValuesToBeBetween", arguments, description, blocks)


def mean_between(column: str, low: float, high: float, description: str) -> Expectation:
    """Expect the mean of a column to lie between two limits: a warning, since small data varies."""
    arguments = {"column": column, "min_value": low, "max_value": high}
    return Expectation(f"{column}_mean", "ExpectColumnMeanToBeBetween", arguments, description, blocks=False)


def matches(column: str, pattern: str, description: str) -> Expectation:
    """Expect every value of a column of ids to match a regular expression."""
    arguments = {"column": column, "regex": pattern}
    return Expectation(f"{column}_pattern", "ExpectColumnValuesToMatchRegex", arguments, description)


def rows_at_least(count: int, description: str, *, blocks: bool = True) -> Expectation:
    """Expect the table to have a number of rows."""
    arguments = {"min_value": count}
    return Expectation("row_count_range", "ExpectTableRowCountToBeBetween", arguments, description, blocks)
