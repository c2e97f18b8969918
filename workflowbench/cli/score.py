"""`workflowbench score`: CodeBLEU of predictions against references."""

import os
from io import BytesIO
from pathlib import Path

import click
import polars as pl
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from workflowbench.evaluation.codebleu.comments import Comments
from workflowbench.evaluation.codebleu.grammar import GRAMMAR, PARSER
from workflowbench.evaluation.codebleu.modes import Mode
from workflowbench.evaluation.codebleu.pair_scoring import ScoredPair
from workflowbench.evaluation.codebleu.pairs import PairsError, read_pairs
from workflowbench.evaluation.codebleu.pool import Settings, score_pairs
from workflowbench.evaluation.codebleu.summary import summarise
from workflowbench.files import write_atomically
from workflowbench.shortcuts.batch import encodable

SCORES_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.String,
    "ngram": pl.Float64,
    "weighted_ngram": pl.Float64,
    "syntax": pl.Float64,
    "dataflow": pl.Float64,
    "codebleu": pl.Float64,
    "parses": pl.Boolean,
    "reference_parses": pl.Boolean,
    "note": pl.String,
}
"""Columns of the scores: a row a pair, in the order of the file. Without a score, `note` says why."""


@click.command("score")
@click.argument("pairs", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.STABLE.value,
    show_default=True,
    help="compat: as the package codebleu 0.7.0; stable: without its hash order; fixed: without faults.",
)
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Parquet file of the scores.",
)
@click.option(
    "--comments",
    type=click.Choice([choice.value for choice in Comments]),
    default=Comments.STRIP.value,
    show_default=True,
    help="strip: by a tokeniser; keep; paper: cut every line at its first #.",
)
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that keeps features for the next run.",
)
@click.option(
    "--workers", "-w", type=click.IntRange(min=1), help="Processes to use; by default one per core."
)
def score_command(
    pairs: Path, mode: str, output: Path, comments: str, cache: Path | None, workers: int | None
) -> None:
    """Score the predictions in PAIRS, a file of JSON lines with id, reference and prediction, by CodeBLEU."""
    settings = Settings(Mode(mode), Comments(comments), cache=cache)
    if settings.mode is Mode.COMPAT and not os.environ.get("PYTHONHASHSEED", "random").isdecimal():
        raise click.ClickException("the numbers of the package depend on the hash seed: set PYTHONHASHSEED=0")
    try:
        ids = [pair.pair_id for pair in read_pairs(pairs)]
        if not ids:
            raise click.ClickException(f"{pairs} holds no pair")
        rows = {row.pair_id: row for row in _with_progress(pairs, len(ids), settings, workers)}
        ordered = [rows[pair_id] for pair_id in ids]
        _write(ordered, output)
    except PairsError as error:
        raise click.ClickException(f"{pairs}, {error}") from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or output}: {error.strerror or error}") from None
    _print_summary(ordered, settings, output)


def _with_progress(path: Path, total: int, settings: Settings, workers: int | None) -> list[ScoredPair]:
    """The rows of all pairs; a terminal on standard error sees how many are done and what time is left."""
    console = Console(stderr=True)
    columns = (
        *(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()),
        *(TextColumn("left:"), TimeRemainingColumn()),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        rows = score_pairs(read_pairs(path), settings, workers=workers)
        return list(progress.track(rows, total=total, description="scoring"))


def scores_frame(rows: list[ScoredPair]) -> pl.DataFrame:
    """The rows as a table of `SCORES_SCHEMA`."""
    return pl.DataFrame([_row(row) for row in rows], schema=SCORES_SCHEMA, orient="row")


def _row(row: ScoredPair) -> dict[str, object]:
    parts = ("ngram", "weighted_ngram", "syntax", "dataflow", "codebleu")
    return {
        "id": encodable(row.pair_id),
        **{part: getattr(row.score, part) if row.score else None for part in parts},
        "parses": row.parses,
        "reference_parses": row.reference_parses,
        "note": row.note,
    }


def _write(rows: list[ScoredPair], output: Path) -> None:
    buffer = BytesIO()
    scores_frame(rows).write_parquet(buffer, compression="zstd", compression_level=3)
    write_atomically(output, buffer.getvalue())


def _print_summary(rows: list[ScoredPair], settings: Settings, output: Path) -> None:
    scored = [row for row in rows if row.score is not None]
    console = Console()
    table = Table(title=f"CodeBLEU, {settings.mode}, comments: {settings.comments}", title_justify="left")
    table.add_column("figure")
    for name in ("value", "95 % interval"):
        table.add_column(name, justify="right")
    for figure in summarise(scored, settings.mode, settings.weights) if scored else ():
        table.add_row(figure.name, f"{figure.value:.4f}", f"{figure.low:.4f} to {figure.high:.4f}")
    console.print(table)
    counts = {
        "pairs": len(rows),
        "with a score": len(scored),
        "prediction parses": sum(row.parses for row in rows),
        "reference does not parse": sum(not row.reference_parses for row in rows),
    }
    lines = [*(f"{name}: {count}" for name, count in counts.items()), f"grammar: {GRAMMAR}, {PARSER}"]
    lines += [f"{row.pair_id}: no score: {row.note}" for row in rows if row.score is None][:20]
    for line in [*lines, f"scores are in {output}"]:
        console.print(line, soft_wrap=True, highlight=False, markup=False)
