"""The suite of each table: its light frame, and what is expected of it."""

import ast
from collections.abc import Callable, Sequence

import polars as pl

from workflowbench.catalogue.constructs import CONSTRUCTS
from workflowbench.categories import CATEGORIES
from workflowbench.expansion.sampling import FEWEST_APIS, MOST_APIS
from workflowbench.tables import (
    ANNOTATED_WORKFLOWS,
    API_CATALOGUE,
    API_POOLS,
    CONFIRMED_WORKFLOWS,
    EXPANDED_QUERIES,
    GENERATED_WORKFLOWS,
    QUALITY_FUNNEL,
    RAW_SHORTCUTS,
    SEED_SPLITS,
    SEED_WORKFLOWS,
    SPLITS,
    STATISTICS,
    TRANSCRIBED_WORKFLOWS,
    WORKFLOWBENCH,
    Table,
)
from workflowbench_dagster.checks.release_frames import lineage_frame, release_frame
from workflowbench_dagster.checks.suites import (
    LightFrame,
    Suite,
    always,
    between,
    matches,
    mean_between,
    one_of,
    rows_at_least,
)
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.table_reading import scan_all

_WORKFLOW_ID = matches("workflow_id", "^[0-9a-f]{32}$", "A workflow id is 32 hexadecimal digits.")
_ATTACHMENT_MARK = "\ufffc"


def _of(table: Table, light: Callable[[pl.LazyFrame], pl.LazyFrame]) -> LightFrame:
    def frame(tables: ParquetTables, scrapes: Sequence[str]) -> pl.DataFrame:
        return light(scan_all(tables, table, scrapes)).collect()

    return frame


def _without_mark(*columns: str) -> pl.Expr:
    return pl.all_horizontal(~pl.col(name).str.contains(_ATTACHMENT_MARK, literal=True) for name in columns)


def _raw(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        "raw_id",
        "size_bytes",
        payload_as_stated=pl.col("payload").bin.size().fill_null(0) == pl.col("size_bytes"),
        withdrawn_has_no_payload=~pl.col("is_withdrawn") | pl.col("payload").is_null(),
    )


def _catalogue(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        "n_parameters",
        described=pl.col("description").str.len_chars() > 0,
        function_is_a_name=pl.col("function").str.contains(r"^[^\W\d]\w*$"),
        required_are_parameters=pl.col("required_parameters").list.len() <= pl.col("n_parameters"),
    )


def _transcribed(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        "workflow_id",
        "parses",
        "round_trip",
        "n_actions",
        has_code=(pl.col("code").str.len_chars() > 0) | (pl.col("n_actions") == 0),
        same_tree_hash=pl.col("workflow_id") == pl.col("round_trip_id"),
        no_attachment_mark=_without_mark("code"),
    )


def _annotated(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        "workflow_id",
        "same_tree",
        query_chars=pl.col("query").str.len_chars(),
        plan_starts_with_start=pl.col("task_plan").str.contains(r"^(1\. )?(\*\*)?Start\b"),
        no_attachment_mark=_without_mark("query", "task_plan", "code"),
    )


def _seeds(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        "workflow_id",
        "nesting_depth",
        calls_an_api=pl.col("apis").list.len() > 0,
        has_category=pl.col("category").str.len_chars() > 0,
    )


def _queries(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        "query_id",
        "category",
        "pool",
        n_apis=pl.col("apis").list.len(),
        query_chars=pl.col("query").str.len_chars(),
    )


def _generated(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        "category",
        n_given_apis=pl.col("given_apis").list.len(),
        code_chars=pl.col("code").str.len_chars(),
    )


def _confirmed(rows: pl.LazyFrame) -> pl.LazyFrame:
    called = pl.col("apis").list.set_difference(pl.lit(sorted(CONSTRUCTS)))
    return rows.select(
        "workflow_id",
        "n_actions",
        _code_parses(rows),
        calls_only_given=called.list.set_difference("given_apis").list.len() == 0,
        votes_against=pl.col("n_votes") - pl.col("n_votes_for"),
    )


def _funnel(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        adds_up=pl.col("n_in") == pl.col("n_dropped") + pl.col("n_out"),
        drops_what_it_found=pl.col("n_dropped") <= pl.col("n_found"),
    )


def _samples(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        "origin",
        "n_actions",
        _code_parses(rows),
        query_chars=pl.col("query").str.len_chars(),
        code_chars=pl.col("code").str.len_chars(),
    )


def _code_parses(rows: pl.LazyFrame) -> pl.Series:
    # Python 3.11's parser is not safe for threads, so Polars' own must not run it.
    code = rows.select("code").collect().to_series()
    return pl.Series("code_parses", [_parses(text) for text in code], pl.Boolean)


def _parses(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        return False
    return True


def _splits(rows: pl.LazyFrame) -> pl.LazyFrame:
    is_placed = pl.col("split") != "excluded"
    of_id = pl.col("setting") == "id"
    shares = {
        f"is_{name}": pl.when(of_id).then(pl.col("split").eq(name).cast(pl.Float64))
        for name in ("train", "dev", "test")
    }
    return rows.select(
        "setting",
        "split",
        n_splits_of_family=pl.col("split").filter(is_placed).n_unique().over("family", "setting"),
        has_reason_if_excluded=is_placed == pl.col("reason").is_null(),
        **shares,
    )


def _pools(rows: pl.LazyFrame) -> pl.LazyFrame:
    app = pl.col("pool") == "held_out"
    return rows.select(
        "pool",
        "n_workflows",
        whole_apps_are_held_out=app.all().over("app") == app.any().over("app"),
    )


def _seed_splits(rows: pl.LazyFrame) -> pl.LazyFrame:
    is_placed = pl.col("split") != "excluded"
    return rows.select(
        "setting",
        "split",
        n_splits_of_family=pl.col("split").filter(is_placed).n_unique().over("family", "setting"),
        has_reason_if_excluded=is_placed == pl.col("reason").is_null(),
    )


def _statistics(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        "unit",
        is_finite=pl.col("value").is_finite().fill_null(value=True),
        not_negative=(pl.col("value") >= 0).fill_null(value=True),
    )


_SPLIT_RULES = (
    one_of("setting", ["id", "ood"], "There are two settings."),
    one_of("split", ["train", "dev", "test", "excluded"], "There are three splits, and what is in none."),
    between("n_splits_of_family", 0, 1, "No family of near duplicates is divided between splits."),
    always("has_reason_if_excluded", "What is excluded, and nothing else, has a reason."),
)

SUITES = (
    Suite(
        "raw_shortcuts",
        _of(RAW_SHORTCUTS, _raw),
        (
            matches("raw_id", "^[0-9a-f]{64}$", "A row id is a SHA-256."),
            between("size_bytes", 0, 20 * 2**20, "No payload is larger than 20 MiB."),
            always("payload_as_stated", "The payload has the stated size."),
            always("withdrawn_has_no_payload", "A notice of withdrawal carries no payload."),
        ),
    ),
    Suite(
        "api_catalogue",
        _of(API_CATALOGUE, _catalogue),
        (
            rows_at_least(100, "The catalogue knows Apple's own actions, which are hundreds."),
            always("described", "Every action has a description."),
            always("function_is_a_name", "The function of every action is a legal Python name."),
            always("required_are_parameters", "An action requires no more parameters than it has."),
        ),
    ),
    Suite(
        "transcribed_workflows",
        _of(TRANSCRIBED_WORKFLOWS, _transcribed),
        (
            _WORKFLOW_ID,
            always("parses", "Python's own parser accepts every program."),
            always("round_trip", "Every program compiles back to the same shortcut."),
            always("same_tree_hash", "The compiled tree has the hash of the transcribed one."),
            always("no_attachment_mark", "No U+FFFC, the mark of an attachment, is left in a program."),
            always("has_code", "No program is empty but that of a shortcut without actions."),
            between("n_actions", 0, None, "The number of actions is no negative number."),
        ),
    ),
    Suite(
        "annotated_workflows",
        _of(ANNOTATED_WORKFLOWS, _annotated),
        (
            _WORKFLOW_ID,
            always("same_tree", "The annotated program is the transcribed one but for names and comments."),
            always("plan_starts_with_start", "Every task plan begins with Start."),
            always("no_attachment_mark", "No U+FFFC is left in a query, a plan or a program."),
            between("query_chars", 1, None, "No query is empty."),
        ),
    ),
    Suite(
        "seed_workflows",
        _of(SEED_WORKFLOWS, _seeds),
        (
            _WORKFLOW_ID,
            rows_at_least(1, "At least one workflow was collected.", blocks=False),
            always("calls_an_api", "Every workflow calls an API.", blocks=False),
            always("has_category", "Every workflow has a category, if only `Uncategorised`."),
            between("nesting_depth", 0, 50, "Blocks are not nested beyond reason.", blocks=False),
        ),
    ),
    Suite(
        "api_pools",
        _of(API_POOLS, _pools),
        (
            one_of("pool", ["common", "held_out", "language", "other"], "There are four pools."),
            between("n_workflows", 0, None, "The number of workflows is no negative number."),
            always("whole_apps_are_held_out", "An app is held out as a whole."),
        ),
    ),
    Suite("seed_splits", _of(SEED_SPLITS, _seed_splits), _SPLIT_RULES),
    Suite(
        "expanded_queries",
        _of(EXPANDED_QUERIES, _queries),
        (
            matches("query_id", "^[0-9a-f]{32}$", "A query id is 32 hexadecimal digits."),
            one_of("category", list(CATEGORIES), "The category is one of RoutineHub's."),
            one_of("pool", ["id", "ood"], "A query is made from one of two pools."),
            between("n_apis", FEWEST_APIS, MOST_APIS, "A query takes as many APIs as a collected workflow."),
            between("query_chars", 1, None, "No query is empty."),
        ),
    ),
    Suite(
        "generated_workflows",
        _of(GENERATED_WORKFLOWS, _generated),
        (
            one_of("category", list(CATEGORIES), "The category is one of RoutineHub's."),
            between("n_given_apis", 1, None, "An annotator is given APIs."),
            between("code_chars", 1, None, "No program is empty."),
        ),
    ),
    Suite(
        "confirmed_workflows",
        _of(CONFIRMED_WORKFLOWS, _confirmed),
        (
            _WORKFLOW_ID,
            always("code_parses", "Python's own parser accepts every program."),
            always("calls_only_given", "A program calls no API that was not given, constructs aside."),
            between("n_actions", 1, None, "Every program has an action."),
            between("votes_against", 0, None, "No more votes are for a sample than there were."),
        ),
    ),
    Suite(
        "quality_funnel",
        _of(QUALITY_FUNNEL, _funnel),
        (
            always("adds_up", "What came in was dropped or went out."),
            always("drops_what_it_found", "A rule drops no more than it found at fault."),
        ),
    ),
    Suite(
        "workflowbench",
        _of(WORKFLOWBENCH, _samples),
        (
            one_of("origin", ["collected", "synthetic"], "A sample is collected or synthetic."),
            always("code_parses", "Python's own parser accepts every annotated program."),
            between("n_actions", 1, None, "Every sample has an action."),
            between("query_chars", 1, 5000, "A query is a few sentences, more of them for many APIs."),
            between("code_chars", 1, None, "No program is empty."),
        ),
    ),
    Suite(
        "splits",
        _of(SPLITS, _splits),
        (
            *_SPLIT_RULES,
            mean_between("is_train", 0.6, 1.0, "Most samples are for training in the setting `id`."),
            mean_between("is_dev", 0.0, 0.2, "At most about a tenth of them is for development."),
            mean_between("is_test", 0.0, 0.2, "At most about a tenth of them is for testing."),
        ),
    ),
    Suite(
        "statistics",
        _of(STATISTICS, _statistics),
        (
            one_of("unit", ["count", "mean", "percent"], "A figure is a count, a mean or a percentage."),
            always("is_finite", "Every figure is a number."),
            always("not_negative", "No figure is negative."),
        ),
    ),
    Suite(
        "lineage",
        lineage_frame,
        (always("reaches_origin", "A collected sample reaches its shortcut, a synthetic one its query."),),
    ),
    Suite(
        "release",
        release_frame,
        (
            rows_at_least(1, "The release has files."),
            always("checksum_verifies", "Every file has the SHA-256 that the release states."),
            always("is_listed", "Every file of the release is listed in its checksums."),
        ),
    ),
)
"""Every suite, in the order of the stages."""
