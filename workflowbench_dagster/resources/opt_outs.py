"""Where the opt-out list comes from."""

import hashlib
from pathlib import Path

import dagster as dg
import polars as pl
from pydantic import Field

from workflowbench.collection.opt_out_list import read_opt_outs
from workflowbench.tables import OPT_OUTS


class OptOutList(dg.ConfigurableResource):  # type: ignore[type-arg]
    """A list of shortcuts and workflows that their authors do not want in the dataset."""

    path: str = Field(
        default="",
        description="Text or CSV file with a RoutineHub, iCloud or workflow id on a line; may be empty.",
    )

    @property
    def version(self) -> str:
        """Short hash of the ids, whatever their form and order; empty without a list.

        Raises:
            OptOutError: the list cannot be read, or a line is no id.

        """
        lines = "\n".join(f"{kind} {identifier}" for kind, identifier in self.rows().iter_rows())
        return hashlib.sha256(lines.encode()).hexdigest()[:16] if self.path else ""

    def rows(self) -> pl.DataFrame:
        """Read the list into rows of `opt_outs`; raises as `version` does."""
        return read_opt_outs(Path(self.path).expanduser()) if self.path else OPT_OUTS.frame()
