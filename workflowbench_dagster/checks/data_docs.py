"""Data docs: one page per table that says what was checked, what was found, and whether it will do.

The pages of Great Expectations load scripts and styles from elsewhere and, without them, are hard to read.
This page is made from the same results; it has no script and refers to nothing outside itself.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from string import Template
from typing import Any

from workflowbench_dagster.checks.validation import Verdict

_PAGE = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title: $verdict</title>
<style>
body {
  font: 16px/1.5 system-ui, sans-serif; color: #1f2328;
  max-width: 72rem; margin: 2.5rem auto; padding: 0 1.5rem;
}
h1 { font-size: 1.75rem; margin: 0; }
.about, code { color: #59636e; }
.about { margin: 0.25rem 0 1.5rem; }
.verdict { border-left: 0.3rem solid; padding: 0.6rem 1rem; font-weight: 600; }
table { border-collapse: collapse; width: 100%; margin-top: 1.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.6rem 1rem 0.6rem 0; }
th, td { border-bottom: 1px solid #d1d9e0; }
th { border-bottom-width: 2px; }
td p { margin: 0; }
td:nth-child(2) { font-family: ui-monospace, monospace; font-size: 0.875em; }
code { display: block; font-size: 0.8em; overflow-wrap: anywhere; }
.status, .verdict { white-space: nowrap; }
.status { font-weight: 600; }
.passed { color: #1a7f37; }
.failed { color: #c4160d; }
.warning { color: #8a5a00; }
</style>
</head>
<body>
<h1>$title</h1>
<p class="about">$about</p>
<p class="verdict $status">$verdict</p>
<table>
<thead><tr><th>status</th><th>check</th><th>what is expected</th><th>what was found</th></tr></thead>
<tbody>
$rows
</tbody>
</table>
</body>
</html>
""")

_ROW = Template("""\
<tr>
<td class="status $status">$status</td>
<td>$check</td>
<td><p>$sentence</p><code>$expectation</code></td>
<td>$figures</td>
</tr>""")


def data_docs_page(
    asset: str, scrape: str | None, n_rows: int, verdicts: Sequence[Verdict], checked_at: datetime
) -> str:
    """Return the page of one table as HTML.

    Args:
        asset: The table.
        scrape: The scrape that was checked; None for a table without partitions.
        n_rows: Rows of the light frame that the checks looked at.
        verdicts: The outcome of each check, in the order of the page.
        checked_at: Time of the checks, in UTC.
    """
    about = [
        *([f"scrape {scrape}"] if scrape else []),
        f"{n_rows:,} rows checked",
        f"{checked_at:%Y-%m-%d %H:%M} UTC",
    ]
    return _PAGE.substitute(
        title=escape(asset),
        about=escape(" · ".join(about)),
        status=_worst(verdicts),
        verdict=_summary(verdicts),
        rows="\n".join(_row(verdict) for verdict in verdicts),
    )


def _row(verdict: Verdict) -> str:
    expectation = verdict.expectation
    arguments = ", ".join(f"{name}={value!r}" for name, value in expectation.arguments.items())
    return _ROW.substitute(
        status=_status(verdict),
        check=escape(expectation.check),
        sentence=escape(expectation.description),
        expectation=escape(f"{expectation.type}({arguments})"),
        figures=escape(verdict.error or found(verdict.figures)),
    )


def _status(verdict: Verdict) -> str:
    if verdict.passed:
        return "passed"
    return "failed" if verdict.expectation.blocks else "warning"


def _worst(verdicts: Sequence[Verdict]) -> str:
    statuses = {_status(verdict) for verdict in verdicts}
    return next((status for status in ("failed", "warning") if status in statuses), "passed")


def _summary(verdicts: Sequence[Verdict]) -> str:
    statuses = [_status(verdict) for verdict in verdicts]
    if set(statuses) <= {"passed"}:
        return f"All {len(statuses)} checks passed" if len(statuses) > 1 else "The check passed"
    counts = {name: statuses.count(name) for name in ("failed", "warning", "passed")}
    return f"Of {len(statuses)} checks: " + ", ".join(
        f"{count} {name}" for name, count in counts.items() if count
    )


def found(figures: Mapping[str, Any]) -> str:
    """Return the figures of a result as a phrase: values as expected, missing, unexpected, or observed."""
    if "element_count" not in figures:
        return _number(figures["observed_value"]) if "observed_value" in figures else ""
    total, missing, unexpected = (figures[f"{name}_count"] for name in ("element", "missing", "unexpected"))
    parts = [f"{total - missing - unexpected:,} of {total:,} values as expected"]
    parts += [f"{missing:,} missing"] if missing else []
    parts += [f"{unexpected:,} unexpected"] if unexpected else []
    values = ", ".join(repr(value) for value in figures.get("partial_unexpected_list", []))
    return ", ".join(parts) + (f": {values}" if values else "")


def _number(value: float | None) -> str:
    return "no value" if value is None else f"{value:,.3f}".rstrip("0").rstrip(".")
