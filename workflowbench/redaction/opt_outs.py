"""Opt-outs: shortcuts that their authors do not want in the dataset, and the rows that they concern."""

from collections.abc import Set
from dataclasses import dataclass

import polars as pl

from workflowbench.tables import OPT_OUTS

RULE = "opted_out"
_ROUTINEHUB_PAGE = r"(?i)routinehub\.co/shortcut/([0-9]{1,12})(?:[/?#]|$)"
_ICLOUD_LINK = r"(?i)icloud\.com/shortcuts/(?:api/records/)?([0-9a-f-]{32,36})(?:[/?#]|$)"


@dataclass(frozen=True, slots=True)
class OptOuts:
    """Ids that are listed: of shortcuts on RoutineHub, of shortcuts on iCloud, of workflows."""

    routinehub: Set[str] = frozenset()
    icloud: Set[str] = frozenset()
    workflows: Set[str] = frozenset()

    @classmethod
    def of(cls, rows: pl.DataFrame) -> "OptOuts":
        """Take the ids from rows of `opt_outs`."""
        by_kind = {kind: set(rows.filter(kind=kind)["id"]) for kind in ("routinehub", "icloud", "workflow")}
        return cls(*by_kind.values())

    def places(self, raw: pl.DataFrame) -> pl.DataFrame:
        """Every place at which a version with a listed RoutineHub or iCloud id was collected.

        Args:
            raw: Rows of `raw_shortcuts` of all scrapes; payloads are not needed.

        Returns:
            Columns `source` and `source_path`, each place once.
        """
        url = pl.col("url")
        routinehub_id = (
            pl.when(pl.col("source").str.starts_with("routinehub"))
            .then("source_path")
            .otherwise(url.str.extract(_ROUTINEHUB_PAGE))
        )
        icloud_id = (
            pl.when(pl.col("source").str.starts_with("icloud-links"))
            .then("source_path")
            .otherwise(pl.coalesce("icloud_id", url.str.extract(_ICLOUD_LINK)))
            .str.replace_all("-", "")
            .str.to_lowercase()
        )
        is_listed = routinehub_id.is_in(list(self.routinehub)) | icloud_id.is_in(list(self.icloud))
        return raw.filter(is_listed.fill_null(value=False)).select("source", "source_path").unique()


NO_OPT_OUTS = OptOuts()


def opt_out_rows(ids: Set[tuple[str, str]]) -> pl.DataFrame:
    """Rows of `opt_outs` from pairs of kind and id."""
    return OPT_OUTS.frame({"kind": kind, "id": identifier} for kind, identifier in sorted(ids))
