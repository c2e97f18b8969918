"""The dataset card of a release: a Hugging Face README made from the tables themselves."""

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from workflowbench.bench.published import TABLE_1
from workflowbench.bench.seed_splits import SETTINGS, SPLIT_NAMES
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
    "`seed` holds the collected workflows before the quality rules; `train`, `dev` and `test` hold what is "
    "in that split of either setting. The paper has no dev split, and does not say how it measures nested "
    "depth; here a flat workflow has depth 0."
)
_PICTURE = "![Distributions of actions, categories and apps](distributions.png)"
_ORIGIN = """\
1. **Collection.** Shortcuts are fetched from their sources; each version is kept with its place and time.
2. **Redaction and transcription.** Personal data and secrets become placeholders; what is left, a Python
   program that parses, with a proof that it compiles back to the same action tree.
3. **Thoughts.** Readable names, a comment before each statement, a task plan and a query are added. Each row
   names its `annotator`; `offline` stands for rules without a language model. The syntax tree of the
   annotated program equals the transcribed one but for names.
4. **Deduplication.** Withdrawn and superseded versions, exact and near duplicates are dropped, duplicates
   against a named survivor. Synthetic samples, if there are any, pass the same rules, and none asks for what
   another sample asks for.
5. **Splits.** A near-duplicate family lies in one split as a whole. No training or dev sample is derived from
   a test sample or one of its family, by content or as an in-context example."""
_SETTINGS_NOTE = """\
Each setting has a training of its own: `id` tests unseen instructions for APIs that occur in training, `ood`
unseen APIs, which no training sample and none of its ancestors uses. dev and test are separate: select on dev
alone. What `id` tests is not trained on in `ood` either. A sample may be in `train` of one setting and in
`test` of the other: never mix them."""
_LIMITATIONS = """\
- The programs are read and compared, never run: actions need a device, its apps and its permissions.
- The quality of queries, plans and comments is that of the annotator. Those of `offline` restate titles,
  descriptions and arguments; they are correct rather than eloquent, and no person has checked them.
- Texts of the workflows are in the languages of their authors.
- Titles, descriptions and texts are by third parties. Personal data and secrets that were found in them are
  replaced by placeholders such as `<EMAIL_1>`, but names in free text and much else cannot be found: the
  samples are not anonymous.
- Near duplicates are found by structure (actions and parameters), not by meaning."""
_LICENCES = """\
These are the licences that the sources state for the shortcuts; where none is stated, the author published
the shortcut for use and kept all other rights. A synthetic sample is nobody's shortcut. `license: unknown`
above speaks of the dataset as a whole. `lineage.parquet` leads from each sample to the rows that it was made
from, so that a withdrawal can be followed; shortcuts of authors who opted out are left out."""


def dataset_card(
    samples: pl.DataFrame,
    splits: pl.DataFrame,
    pools: pl.DataFrame,
    statistics: pl.DataFrame,
    dropped: Mapping[str, pl.DataFrame],
) -> str:
    """Write the card of a release.

    Args:
        samples: Rows of `workflowbench`.
        splits: Rows of `splits`.
        pools: Rows of `api_pools`.
        statistics: Rows of `statistics`.
        dropped: Dropped rows by the name of the table that they did not reach, in the order of the stages.

    Returns:
        Markdown with a YAML header.
    """
    sections = {
        "Samples": f"{_counts(samples, splits)}\n\n{_SETTINGS_NOTE}",
        "Excluded samples": _exclusions(splits),
        "Held-out APIs": _held_out(pools),
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
        "Licences": f"{_licences(samples)}\n\n{_LICENCES}",
        "Limitations": _LIMITATIONS,
    }
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections.items())
    return f"{_header(samples.height)}\n# WorkflowBench\n\n{_INTRODUCTION}\n\n{body}\n"


def _header(n_samples: int) -> str:
    size = next((name for limit, name in _SIZES if n_samples < limit), _LARGEST)
    configs = "".join(
        f"  - config_name: {setting}\n    data_files:\n"
        + "".join(
            f"      - split: {name}\n        path: data/{setting}/{name}.parquet\n" for name in SPLIT_NAMES
        )
        for setting in SETTINGS
    )
    return (
        "---\n"
        "pretty_name: WorkflowBench\n"
        "license: unknown\n"
        "task_categories:\n  - text-generation\n"
        "tags:\n  - code\n  - workflow\n  - apple-shortcuts\n"
        f"size_categories:\n  - {size}\n"
        f"configs:\n{configs}"
        "---\n"
    )


def _counts(samples: pl.DataFrame, splits: pl.DataFrame) -> str:
    """Count the samples of each split by setting."""
    placed = samples.select("sample_id", "origin", "family").join(
        splits.select("sample_id", "setting", "split"), on="sample_id"
    )
    rows = [
        (setting, name, *_sizes(placed.filter(setting=setting, split=name)))
        for setting in SETTINGS
        for name in (*SPLIT_NAMES, "excluded")
    ]
    header = ("setting", "split", "samples", "collected", "synthetic", "families")
    return _markdown(header, [*rows, ("", "all", *_sizes(samples))])


def _sizes(rows: pl.DataFrame) -> tuple[int, int, int, int]:
    collected = rows.filter(origin="collected").height
    return rows.height, collected, rows.height - collected, rows["family"].n_unique()


def _exclusions(splits: pl.DataFrame) -> str:
    """Count the excluded samples by setting and reason."""
    counts = splits.drop_nulls("reason").group_by("setting", "reason").len().sort("setting", "reason")
    rows = ((setting, f"`{reason}`", count) for setting, reason, count in counts.iter_rows())
    return _markdown(("setting", "reason", "samples"), rows) if counts.height else "None."


def _licences(samples: pl.DataFrame) -> str:
    """Count the samples by stated licence, the most frequent first."""
    synthetic = pl.when(origin="synthetic").then(pl.lit("none: synthetic"))
    stated = synthetic.otherwise(pl.col("licence").fill_null("not stated")).alias("licence")
    counts = samples.group_by(stated).len().sort("len", "licence", descending=[True, False])
    return _markdown(("licence", "samples"), counts.iter_rows())


def _held_out(pools: pl.DataFrame) -> str:
    """Name the apps that the `ood` training does not see."""
    held_out = pools.filter(pool="held_out")
    apps = held_out.group_by("app").len().sort("app")
    counts = f"{held_out.height} APIs of {apps.height} apps are held out; {{}} APIs are common."
    note = counts.format(pools.filter(pool="common").height) + " `api_pools.json` lists both."
    rows = ((f"`{app}`", count) for app, count in apps.iter_rows())
    return f"{note}\n\n{_markdown(('held-out app', 'APIs'), rows)}" if apps.height else note


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
