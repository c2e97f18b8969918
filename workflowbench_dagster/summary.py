"""The closing summary of a rebuild, read from the tables."""

import polars as pl
from rich.console import Group, RenderableType
from rich.table import Table as Grid

from workflowbench.bench.seed_splits import SETTINGS, SPLIT_NAMES
from workflowbench.tables import (
    ANNOTATED_WORKFLOWS,
    CONFIRMED_WORKFLOWS,
    EXPANDED_QUERIES,
    GENERATED_WORKFLOWS,
    RAW_SHORTCUTS,
    RAW_SHORTCUTS_DROPPED,
    SEED_WORKFLOWS,
    SPLITS,
    TABLES,
    TRANSCRIBED_WORKFLOWS,
    WORKFLOWBENCH,
    Table,
)
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.scrape_keys import source_prefix
from workflowbench_dagster.table_reading import scan_all

STAGES = (
    *(RAW_SHORTCUTS, TRANSCRIBED_WORKFLOWS, ANNOTATED_WORKFLOWS, SEED_WORKFLOWS),
    *(EXPANDED_QUERIES, GENERATED_WORKFLOWS, CONFIRMED_WORKFLOWS, WORKFLOWBENCH),
)


def funnel(tables: ParquetTables, scrapes: list[str]) -> RenderableType:
    """Return what each stage kept and dropped over all scrapes, and how the samples are split.

    A file that one scrape drops and a later one reports on again counts as the later one says.
    """
    grid = Grid("stage", "kept", "dropped", "dropped by rule", box=None, pad_edge=False)
    for table in STAGES:
        rules = _rules(_dropped(tables, table, scrapes))
        kept = _scan(tables, table, scrapes).select(pl.len()).collect().item()
        grid.add_row(table.name, str(kept), str(sum(rules.values())), _listed(rules))
    return Group(grid, "", _proof(tables, scrapes), _split_sizes(tables))


def _dropped(tables: ParquetTables, table: Table, scrapes: list[str]) -> pl.LazyFrame:
    if table is RAW_SHORTCUTS:
        return _standing_drops(tables, scrapes)
    return _scan(tables, TABLES[f"{table.name}_dropped"], scrapes)


def _standing_drops(tables: ParquetTables, scrapes: list[str]) -> pl.LazyFrame:
    """Return the drops of `raw_shortcuts` that stand: each scrape of a source reports on a path anew."""
    sources = {scrape: source_prefix(scrape) for scrape in scrapes}
    source = pl.col("scrape").replace_strict(sources, return_dtype=pl.String).alias("source")
    drops = pl.concat(
        tables.scan(RAW_SHORTCUTS_DROPPED, [scrape]).select("rule", path="title", scrape=pl.lit(scrape))
        for scrape in scrapes
    ).with_columns(source)
    rows = tables.scan(RAW_SHORTCUTS, scrapes).select("scrape", path="source_path").with_columns(source)
    reports = pl.concat([drops.select(rows.collect_schema().names()), rows])
    latest = reports.group_by("source", "path").agg(pl.col("scrape").max())
    return drops.join(latest, on=["source", "path", "scrape"], how="semi")


def _proof(tables: ParquetTables, scrapes: list[str]) -> str:
    rows = _scan(tables, TRANSCRIBED_WORKFLOWS, scrapes)
    proven, total = rows.select(pl.col("round_trip").sum(), pl.len()).collect().row(0)
    return f"{proven} of {total} programs compile back to the same shortcut."


def _split_sizes(tables: ParquetTables) -> str:
    sizes = tables.read(SPLITS).group_by("setting", "split").len()
    counts = {(setting, split): count for setting, split, count in sizes.iter_rows()}
    lines = (
        f"Samples, setting {setting}: "
        + ", ".join(f"{counts.get((setting, name), 0)} {name}" for name in (*SPLIT_NAMES, "excluded"))
        for setting in SETTINGS
    )
    return ".\n".join(lines) + "."


def _rules(dropped: pl.LazyFrame) -> dict[str, int]:
    return dict(dropped.group_by("rule").len().sort("rule").collect().iter_rows())


def _listed(rules: dict[str, int]) -> str:
    return ", ".join(f"{rule} {count}" for rule, count in rules.items())


def _scan(tables: ParquetTables, table: Table, scrapes: list[str]) -> pl.LazyFrame:
    return scan_all(tables, table, scrapes)
