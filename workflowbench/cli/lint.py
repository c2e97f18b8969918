"""`workflowbench lint`: samples against the rules of quality confirmation."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from workflowbench.catalogue.shipped import builtin_catalogue
from workflowbench.quality.findings import RULES, Finding
from workflowbench.quality.linting import LintedSample, count_rules, lint
from workflowbench.quality.sample_files import BadSampleFileError, read_samples
from workflowbench.quality.symbol_check import Uses

_FAILED = 1
_MIN_WIDTH = 72
"""Columns below which the tables are not made narrower, so that names of rules stay whole."""
_NAME_WIDTH = 20
"""Columns for the name of a sample, which may be a hash; it goes on in the next line."""


class BadInputError(click.ClickException):
    """A file without samples; the program ends with exit code 2."""

    exit_code = 2


@click.command("lint")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--uses",
    type=click.Choice(["all", "any"]),
    default="all",
    show_default=True,
    help="How many of a sample's APIs its program must call.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@click.pass_context
def lint_command(context: click.Context, path: Path, uses: Uses, as_json: bool) -> None:
    """Check the samples of FILE: do they parse, compile, and call what they may, as it is documented?

    FILE is a .json or .jsonl file of samples with query, apis, task_plan and annotated_code, a Parquet file
    or the directory of a release, or a .py file. The exit code is 1 if a sample fails, and 2 if FILE holds no
    samples.
    """
    try:
        samples = read_samples(path)
    except BadSampleFileError as error:
        raise BadInputError(str(error)) from None
    except OSError as error:
        raise BadInputError(f"{path} cannot be read: {error.strerror or error}") from None
    linted = lint(samples, builtin_catalogue(), uses=uses)
    if as_json:
        click.echo(orjson.dumps(_report(linted), option=orjson.OPT_INDENT_2))
    else:
        _print_report(linted)
    if any(one.first_error for one in linted):
        context.exit(_FAILED)


def _totals(linted: list[LintedSample]) -> dict[str, int]:
    return {
        "samples": len(linted),
        "parse": sum(one.parses for one in linted),
        "compile": sum(one.compiles for one in linted),
        "pass": sum(one.first_error is None for one in linted),
        "call APIs outside their list": sum(bool(one.outside_calls) for one in linted),
        "repeat the query of another": sum(
            any(finding.rule == "near_duplicate_query" for finding in one.findings) for one in linted
        ),
    }


def _report(linted: list[LintedSample]) -> dict[str, Any]:
    return {
        "totals": _totals(linted),
        "rules": [asdict(count) for count in count_rules(linted)],
        "samples": [
            {
                "name": one.name,
                "parses": one.parses,
                "compiles": one.compiles,
                "passes": one.first_error is None,
                "first_error": _plain(one.first_error) if one.first_error else None,
                "findings": [_plain(finding) for finding in one.findings],
                "outside_calls": one.outside_calls,
            }
            for one in linted
        ],
    }


def _plain(finding: Finding) -> dict[str, Any]:
    return {**asdict(finding), "severity": finding.severity, "stage": finding.stage}


def _print_report(linted: list[LintedSample]) -> None:
    console = Console()
    console.width = max(console.width, _MIN_WIDTH)
    for table in (_samples_table(linted), *_rules_tables(linted), _totals_table(linted)):
        if table.row_count:
            console.print(table, highlight=False, markup=False)


def _samples_table(linted: list[LintedSample]) -> Table:
    table = _table("First error of each sample")
    table.add_column("sample", max_width=_NAME_WIDTH, overflow="fold")
    table.add_column("rule", no_wrap=True)
    table.add_column("line", no_wrap=True)
    table.add_column("what to do")
    for one in linted:
        if error := one.first_error:
            table.add_row(one.name, error.rule, f"{error.line}:{error.column}", error.detail)
    return table


def _rules_tables(linted: list[LintedSample]) -> Iterator[Table]:
    for stage, counts in groupby(count_rules(linted), key=lambda count: RULES[count.rule].stage):
        table = _table(f"Broken rules, {stage} stage")
        for heading in ("rule", "severity"):
            table.add_column(heading, no_wrap=True)
        for heading in ("samples", "first error", "places"):
            table.add_column(heading, justify="right")
        table.add_column("a sound sample")
        for count in counts:
            rule = RULES[count.rule]
            figures = (str(count.samples), str(count.first), str(count.findings))
            table.add_row(count.rule, rule.severity, *figures, rule.meaning)
        yield table


def _totals_table(linted: list[LintedSample]) -> Table:
    table = _table("Samples")
    table.show_header = False
    for label, number in _totals(linted).items():
        table.add_row(label, str(number))
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
