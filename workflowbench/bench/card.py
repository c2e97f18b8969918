"""The dataset card of a release: a Hugging Face README made from the tables themselves."""

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from workflowbench.bench.published import TABLE_1
from workflowbench.tables import WORKFLOWBENCH

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_LARGEST = "n>1M"
_SUBSETS = ("seed", "synthetic", "train", "dev", "test", "all")
_MEASURES = {
    "instances": "Instances",
    "apps": "Apps",
    "apis": "APIs",
    "categories": "Categories",
    "actions": "Average actions",
    "conditionals": "Average IF",
    "loops": "Average LOOP",
    "nesting_depth": "Average nested depth",
}
_INTRODUCTION = """\
Workflows as Python programs, made from Apple Shortcuts, with the queries and task plans that lead to them:
the dataset of the WorkflowLLM paper (arXiv 2411.05451), rebuilt. One row is one workflow; the JSON files hold
the same rows, and the documentation of the APIs, in the layout of the published dataset."""
_TABLE_NOTE = (
    "Ours, with the figure of the WorkflowLLM paper (arXiv 2411.05451) in brackets where it prints one. "
    "`seed` holds the collected workflows before the quality rules. The paper has no dev split, and does not "
    "say how it measures nested depth; here a flat workflow has depth 0."
)
_PICTURE = "![Distributions of actions, categories and apps](distributions.png)"
_ORIGIN = """\
1. **Collection.** Shortcuts are fetched from their sources; each version is kept with its place and time.
2. **Transcription.** Each becomes a Python program that parses, with a proof of whether it compiles back to
   the same action tree.
3. **Thoughts.** Readable names, a comment before each statement, a task plan and a query are added. Each row
   names its `annotator`; `offline` stands for rules without a language model. The syntax tree of the
   annotated program equals the transcribed one but for names.
4. **Deduplication.** Withdrawn and superseded versions, exact and near duplicates are dropped, duplicates
   against a named survivor.
5. **Splits.** A near-duplicate family lies in one split as a whole."""
_LIMITATIONS = """\
- The programs are read and compared, never run: actions need a device, its apps and its permissions.
- The quality of queries, plans and comments is that of the annotator. Those of `offline` restate titles,
  descriptions and arguments; they are correct rather than eloquent, and no person has checked them.
- Texts of the workflows are in the languages of their authors.
- Titles, descriptions and texts are by third parties and are not redacted: they may hold personal data.
- Near duplicates are found by structure (actions and parameters), not by meaning."""
_LICENCES = """\
The licence of most workflows is unknown: their authors published them for use, mostly without a licence.
`license: unknown` above says so, and covers every row. `lineage.parquet` leads from each sample to the rows
that it was made from, so that a withdrawal can be followed."""


def dataset_card(
    by_split: Mapping[str, pl.DataFrame], statistics: pl.DataFrame, dropped: Mapping[str, pl.DataFrame]
) -> str:
    """Write the card of a release.

    Args:
        by_split: Rows of `workflowbench` by split.
        statistics: Rows of `statistics`.
        dropped: Dropped rows by the name of the table that they did not reach, in the order of the stages.

    Returns:
        Markdown with a YAML header.
    """
    sections = {
        "Samples": _counts(by_split),
        "Columns": _markdown(
            ("column", "type", "description"),
            (
                (f"`{column.name}`", f"`{column.dtype}`", column.description)
                for column in WORKFLOWBENCH.columns
            ),
        ),
        "How it was made": _ORIGIN,
        "What was dropped": _funnel(dropped),
        "Figures beside the paper": f"{_table_1(statistics)}\n\n{_TABLE_NOTE}\n\n{_PICTURE}",
        "Licences": _LICENCES,
        "Limitations": _LIMITATIONS,
    }
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections.items())
    return f"{_header(by_split)}\n# WorkflowBench\n\n{_INTRODUCTION}\n\n{body}\n"


def _header(by_split: Mapping[str, pl.DataFrame]) -> str:
    total = sum(rows.height for rows in by_split.values())
    size = next((name for limit, name in _SIZES if total < limit), _LARGEST)
    data_files = "".join(f"      - split: {name}\n        path: data/{name}.parquet\n" for name in by_split)
    return (
        "---\n"
        "pretty_name: WorkflowBench\n"
        "license: unknown\n"
        "task_categories:\n  - text-generation\n"
        "tags:\n  - code\n  - workflow\n  - apple-shortcuts\n"
        f"size_categories:\n  - {size}\n"
        f"configs:\n  - config_name: default\n    data_files:\n{data_files}"
        "---\n"
    )


def _counts(by_split: Mapping[str, pl.DataFrame]) -> str:
    rows = [
        (name, rows.height, rows.filter(pl.col("origin") == "collected").height, rows["family"].n_unique())
        for name, rows in by_split.items()
    ]
    totals = [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)]
    return _markdown(("split", "samples", "of them collected", "families"), [*rows, ("all", *totals)])


def _funnel(dropped: Mapping[str, pl.DataFrame]) -> str:
    """Count the dropped rows by stage and rule."""
    rows = [
        (f"`{stage}`", f"`{rule}`", count)
        for stage, frame in dropped.items()
        for rule, count in frame.group_by("rule").len().sort("rule").iter_rows()
    ]
    return _markdown(("stage", "rule", "rows"), rows) if rows else "Nothing."


def _table_1(statistics: pl.DataFrame) -> str:
    figures = {
        (row["measure"], row["subset"]): row
        for row in statistics.filter(pl.col("figure") == "table_1").iter_rows(named=True)
    }
    rows = (
        (_MEASURES[measure], *(_cell(figures.get((measure, subset))) for subset in _SUBSETS))
        for measure in TABLE_1
    )
    return _markdown(("", *_SUBSETS), rows)


def _cell(row: Mapping[str, object] | None) -> str:
    if row is None:
        return "-"
    ours, papers = (_number(row[side], row["unit"]) for side in ("value", "paper_value"))
    return f"{ours} ({papers})" if row["paper_value"] is not None else ours


def _number(value: object, unit: object) -> str:
    if not isinstance(value, float):
        return "-"
    return f"{value:,.0f}" if unit == "count" else f"{value:.1f}"


def _markdown(header: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    return "\n".join(_lines(list(header), rows))


def _lines(header: list[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    yield f"| {' | '.join(map(str, header))} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in row)} |"
