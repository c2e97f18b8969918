"""Answers that never came in: they say nothing of a model or a program, and are never counted."""

from typing import Final

import polars as pl

NOT_HEARD: Final = frozenset({"not_in_ledger", "over_budget", "unavailable"})
"""Rules of rows whose question a model was not heard on; asking again may answer it."""


def refuse_unheard(rows: pl.DataFrame, what: str) -> None:
    """Make sure that every question of some rows was heard, so that no outage looks like a bad answer.

    Args:
        rows: Rows with the column `rule`.
        what: What a row is, in the plural.

    Raises:
        ValueError: Some were not.

    """
    unheard = rows.filter(pl.col("rule").is_in(NOT_HEARD))
    if unheard.height:
        rules = ", ".join(sorted(unheard["rule"].unique()))
        raise ValueError(f"{unheard.height} {what} have no answer yet ({rules}); ask again first")
