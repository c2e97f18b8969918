"""`workflowbench transcribe`: shortcut files become Python programs, with a report of every file."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import click
import polars as pl
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from workflowbench.collection.listing import SUFFIXES, Fault, list_files
from workflowbench.files import write_atomically
from workflowbench.redaction.batch import (
    Described,
    Redacted,
    kind_counts,
    redact_and_transcribe_all,
    totals_by_kind,
)
from workflowbench.shortcuts.batch import Transcribed, encodable, transcribe_payloads
from workflowbench.tables import KIND_COUNTS

REPORT_NAME = "report.parquet"
REPORT_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "path": pl.String,
    "workflow_id": pl.String,
    "status": pl.String,
    "reason": pl.String,
    "detail": pl.String,
    "signed_by": pl.String,
    "n_actions": pl.Int64,
    "n_conditionals": pl.Int64,
    "n_loops": pl.Int64,
    "nesting_depth": pl.Int64,
    "parses": pl.Boolean,
    "round_trip": pl.Boolean,
    "repairs": pl.List(pl.String),
    "redactions": KIND_COUNTS,
    "program": pl.String,
}
"""Columns of the report: a row a file. `status` is `transcribed` or `dropped`, with reason and detail."""
SHOWN_DROPS = 20
"""Dropped files that the summary names."""
_UNSAFE = re.compile(r"[^\w.-]+")


@click.command("transcribe")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the programs and `report.parquet`.",
)
@click.option(
    "--workers", "-w", type=click.IntRange(min=1), help="Processes to use; by default one per core."
)
@click.option("--redact", is_flag=True, help="Put placeholders in the place of personal data and secrets.")
def transcribe_command(paths: tuple[Path, ...], output: Path, workers: int | None, redact: bool) -> None:
    """Transcribe the shortcut files PATHS; folders are walked for .shortcut, .plist and .wflow files."""
    files, faults = find_files(paths)
    if not files and not faults:
        raise click.ClickException(f"no {', '.join(SUFFIXES)} file lies below {', '.join(map(str, paths))}")
    rows = [_dropped_row(fault.source_path, fault.rule, fault.detail) for fault in faults]
    try:
        for path, outcome in _with_progress(files, workers, redact=redact):
            rows.append(_report_row(path, outcome, output))
        report = pl.DataFrame(rows, schema=REPORT_SCHEMA).sort("path")
        buffer = BytesIO()
        report.write_parquet(buffer, compression="zstd", compression_level=3)
        write_atomically(output / REPORT_NAME, buffer.getvalue())
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror or error}") from None
    _print_summary(report, output)


def find_files(paths: Iterable[Path]) -> tuple[list[Path], list[Fault]]:
    """Shortcut files at and below some paths, each once, sorted, and what could not be entered or is no file.

    A file named outright is taken whatever its suffix.
    """
    found: set[Path] = set()
    faults: list[Fault] = []
    for path in paths:
        if path.is_file():
            found.add(path)
            continue
        if not path.is_dir():
            faults.append(_no_file(path))
            continue
        names, below = list_files(path)
        faults += [replace(fault, source_path=str(path / fault.source_path)) for fault in below]
        faults += [_no_file(path / name) for name in names if not (path / name).is_file()]
        found.update(path / name for name in names if (path / name).is_file())
    return sorted(found), faults


def _no_file(path: Path) -> Fault:
    return Fault(str(path), "not_a_file", "This is a device, a pipe or a link that leads nowhere.")


def _with_progress(
    files: list[Path], workers: int | None, *, redact: bool
) -> Iterable[tuple[Path, Redacted]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("transcribing", total=len(files))
        for index, result in _results(files, workers, redact=redact):
            yield files[index], result
            progress.advance(task)


def _results(files: list[Path], workers: int | None, *, redact: bool) -> Iterator[tuple[int, Redacted]]:
    if redact:
        given = [Described(file, {"stem": file.stem}) for file in files]
        yield from redact_and_transcribe_all(given, workers=workers)
    else:
        for index, outcome in transcribe_payloads(files, workers=workers):
            yield index, Redacted(outcome, {"stem": files[index].stem})


def _report_row(path: Path, result: Redacted, output: Path) -> dict[str, object]:
    outcome = result.outcome
    if not isinstance(outcome, Transcribed):
        return _dropped_row(str(path), outcome.reason, outcome.detail)
    done = outcome.transcription
    program = program_name(path, result.texts["stem"])
    write_atomically(output / program, done.code.encode("utf-8", "backslashreplace"))
    return {
        "path": encodable(str(path)),
        "workflow_id": done.workflow_id,
        "status": "transcribed",
        "signed_by": outcome.signed_by,
        "n_actions": done.n_actions,
        "n_conditionals": done.n_conditionals,
        "n_loops": done.n_loops,
        "nesting_depth": done.nesting_depth,
        "parses": True,
        "round_trip": done.round_trip,
        "repairs": done.repairs,
        "redactions": kind_counts(result.counts),
        "program": program,
    }


def _dropped_row(path: str, reason: str, detail: str) -> dict[str, object]:
    return {"path": encodable(path), "status": "dropped", "reason": reason, "detail": detail}


def program_name(path: Path, stem: str) -> str:
    """File name of a program: the shortcut's name and a hash of its path, so that they stay apart."""
    stem = _UNSAFE.sub("_", encodable(stem))[:60].strip("._") or "shortcut"
    return f"{stem}-{hashlib.sha256(str(path).encode('utf-8', 'surrogateescape')).hexdigest()[:8]}.py"


def _print_summary(report: pl.DataFrame, output: Path) -> None:
    done = report.filter(status="transcribed")
    table = Table(title="Transcription", show_header=False, title_justify="left")
    table.add_row("files", str(report.height))
    table.add_row("transcribed", str(done.height))
    table.add_row("round trip proven", str(done.filter("round_trip").height))
    table.add_row("repaired", str(done.filter(pl.col("repairs").list.len() > 0).height))
    for signer, count in sorted(Counter(done["signed_by"]).items()):
        table.add_row(f"signed by {signer}" if signer != "none" else "unsigned", str(count))
    for kind, count in totals_by_kind(done["redactions"]).items():
        table.add_row(f"values replaced: {kind}", str(count))
    for reason, count in sorted(Counter(report.filter(status="dropped")["reason"]).items()):
        table.add_row(f"dropped: {reason}", str(count))
    console = Console()
    console.print(table)
    dropped = report.filter(status="dropped").select("path", "reason", "detail").rows()
    for path, reason, detail in dropped[:SHOWN_DROPS]:
        console.print(f"{path}: {reason}: {detail}", soft_wrap=True, highlight=False, markup=False)
    if len(dropped) > SHOWN_DROPS:
        console.print(f"... and {len(dropped) - SHOWN_DROPS} more in {REPORT_NAME}", highlight=False)
    console.print(
        f"programs and {REPORT_NAME} are in {output}", soft_wrap=True, highlight=False, markup=False
    )
