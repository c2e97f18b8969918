"""Deduplication: from all versions of all scrapes to the seed workflows.

A version of a shortcut whose author opted out is dropped first (`opted_out`), wherever it was collected.
Four rules drop one of the others, in this order; all but the first name a twin in `seed_workflows_dropped`:

1. `withdrawn`: the newest row of every place that offered it says that the source no longer does.
2. `superseded`: the same place (source and path) offers a newer version; the twin is that version.
3. `exact_duplicate`: another row has the same canonical action tree; the twin is the one kept.
4. `near_duplicate`: a surviving workflow has a Jaccard similarity of at least the threshold with it,
   measured between these two and never through a third; the twin is the most similar survivor.

Where one of several rows survives, it is the newest, then the one with most tokens, then the one with the
smallest id. A twin of an earlier rule may itself be dropped by a later one: following twins ends at a seed.

A workflow of fewer than `FEWEST_TOKENS` tokens is never a near duplicate: so few tokens say too little, and
two such workflows of one structure often differ in the very text that makes them useful. It is dropped as an
exact duplicate alone.

Near-duplicate families are the connected components of all pairs of at least `FAMILY_SIMILARITY`, the
dropped workflows included. They drop nothing; they are what a split may not divide.
"""

from collections.abc import Sequence

import polars as pl

from workflowbench.bench.near_duplicates import Sketch, Twin, find_families, find_twins
from workflowbench.redaction.opt_outs import NO_OPT_OUTS, RULE, OptOuts
from workflowbench.tables import SEED_WORKFLOWS, SEED_WORKFLOWS_DROPPED

FAMILY_SIMILARITY = 0.7
"""Jaccard similarity from which two workflows belong to one family."""
FEWEST_TOKENS = 8
"""Tokens from which a workflow may be a near duplicate."""

_PLACE = ("source", "source_path")
_NEWEST_FIRST: dict[str, bool] = {"fetched_at": True, "is_withdrawn": True, "scrape": True, "raw_id": False}
"""Sort column, and whether it descends: at the same instant a withdrawal counts as the newer word."""
_SURVIVOR_FIRST: dict[str, bool] = {
    "fetched_at": True,
    "n_tokens": True,
    "workflow_id": False,
    "raw_id": False,
}
_CODE_FACTS = ("apis", "n_actions", "n_conditionals", "n_loops", "nesting_depth")
_DROP_SCHEMA = pl.Schema(
    {
        name: SEED_WORKFLOWS_DROPPED.schema[name]
        for name in ("row_id", "rule", "detail", "threshold", "observed", "twin_id")
    }
)


def seed_workflows(
    raw: pl.DataFrame,
    transcribed: pl.DataFrame,
    annotated: pl.DataFrame,
    opt_outs: OptOuts = NO_OPT_OUTS,
    *,
    threshold: float = 0.8,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Deduplicate the union of all scrapes.

    Args:
        raw: Rows of `raw_shortcuts` of all scrapes; the payload is not needed.
        transcribed: Rows of `transcribed_workflows` of all scrapes.
        annotated: Rows of `annotated_workflows` of all scrapes.
        opt_outs: Ids that are listed.
        threshold: Jaccard similarity of token shingles from which a workflow is a near duplicate.

    Returns:
        Rows of `seed_workflows` and of `seed_workflows_dropped`, each sorted by key. A dropped row and its
        twin are named by `raw_id`.

    Raises:
        ValueError: The threshold is below the similarity of a family or above 1, or an annotated row has no
            raw or transcribed row.
    """
    if not FAMILY_SIMILARITY <= threshold <= 1:
        raise ValueError(f"threshold is {threshold}; give a value from {FAMILY_SIMILARITY} to 1")
    annotated, transcribed = _one_per_id(annotated), _one_per_id(transcribed)
    offered = _offers(raw, annotated).join(opt_outs.places(raw), on=_PLACE, how="anti", maintain_order="left")
    opted_out = _opted_out(annotated, offered)
    annotated = annotated.join(offered, on="raw_id", how="semi", maintain_order="left")
    rows = _rows(annotated, transcribed, offered)
    distinct = rows.unique("workflow_id", keep="first", maintain_order=True)
    sketches = [Sketch.of(tokens) for tokens in distinct["tokens"].to_list()]
    comparable = (distinct["n_tokens"] >= FEWEST_TOKENS).to_list()
    twins = find_twins(sketches, at_least=threshold, comparable=comparable)
    near = _near_duplicates(distinct, twins, threshold)
    is_kept = pl.Series([twin is None for twin in twins], dtype=pl.Boolean)
    seeds = distinct.with_columns(family=_families(distinct, sketches)).filter(is_kept)
    return (
        seeds.select(SEED_WORKFLOWS.schema.names()).sort(SEED_WORKFLOWS.key),
        _dropped_rows([opted_out, _out_of_date(offered), _exact_duplicates(rows, distinct), near], annotated),
    )


def _one_per_id(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per `raw_id`: scrapes that fetched the same bytes hold the same row."""
    return rows.sort("raw_id", "scrape").unique("raw_id", keep="first", maintain_order=True)


def _offers(raw: pl.DataFrame, annotated: pl.DataFrame) -> pl.DataFrame:
    """Each place at which an annotated version was offered, newest first.

    `current` is the newest annotated version of the place, `is_gone` whether the place was withdrawn.
    """
    newest_first = raw.select(*_PLACE, *_NEWEST_FIRST).sort(
        *_PLACE, *_NEWEST_FIRST, descending=[False] * len(_PLACE) + list(_NEWEST_FIRST.values())
    )
    places = newest_first.group_by(_PLACE, maintain_order=True).agg(is_gone=pl.col("is_withdrawn").first())
    usable = newest_first.filter(~pl.col("is_withdrawn")).join(
        annotated, on="raw_id", how="semi", maintain_order="left"
    )
    missing = annotated.join(usable, on="raw_id", how="anti")
    if missing.height:
        raise ValueError(
            f"{missing.height} annotated rows have no row in raw_shortcuts, e.g. {missing['raw_id'][0]}"
        )
    return usable.join(places, on=_PLACE, maintain_order="left").with_columns(
        current=pl.col("raw_id").first().over(_PLACE)
    )


def _is_current() -> pl.Expr:
    return ~pl.col("is_gone") & (pl.col("raw_id") == pl.col("current"))


def _rows(annotated: pl.DataFrame, transcribed: pl.DataFrame, offered: pl.DataFrame) -> pl.DataFrame:
    """Every current version with its columns of `seed_workflows`, the preferred survivors first."""
    current = offered.filter(_is_current()).group_by("raw_id").agg(pl.col("fetched_at").max())
    facts = transcribed.select("raw_id", "licence", "tokens", *_CODE_FACTS, transcribed_code="code")
    rows = annotated.join(current, on="raw_id").join(facts, on="raw_id", how="left")
    if rows["transcribed_code"].null_count():
        raise ValueError(
            "an annotated row has no row in transcribed_workflows: materialise both from the same scrapes"
        )
    rows = rows.with_columns(n_tokens=pl.col("tokens").list.len())
    return rows.sort(*_SURVIVOR_FIRST, descending=list(_SURVIVOR_FIRST.values()))


def _opted_out(annotated: pl.DataFrame, offered: pl.DataFrame) -> pl.DataFrame:
    """Drop what is offered at no place but those of shortcuts whose authors opted out."""
    return annotated.join(offered, on="raw_id", how="anti").select(
        row_id="raw_id", rule=pl.lit(RULE), detail=pl.lit("The shortcut is on the opt-out list.")
    )


def _out_of_date(offered: pl.DataFrame) -> pl.DataFrame:
    """Drop versions that no place offers any more: superseded where a place lives on, else withdrawn."""
    current = offered.filter(_is_current())
    rest = offered.join(current, on="raw_id", how="anti").sort("is_gone", *_PLACE)
    return rest.unique("raw_id", keep="first", maintain_order=True).select(
        row_id="raw_id",
        rule=pl.when("is_gone").then(pl.lit("withdrawn")).otherwise(pl.lit("superseded")),
        detail=pl.when("is_gone")
        .then(pl.format("{} no longer offers it.", "source"))
        .otherwise(pl.format("A newer version was collected from its place in {}.", "source")),
        twin_id=pl.when(~pl.col("is_gone")).then("current"),
    )


def _exact_duplicates(rows: pl.DataFrame, distinct: pl.DataFrame) -> pl.DataFrame:
    """Drop rows whose canonical action tree is that of a preferred row."""
    twins = distinct.select("workflow_id", twin_id="raw_id")
    return (
        rows.join(distinct, on="raw_id", how="anti")
        .join(twins, on="workflow_id")
        .select(
            row_id="raw_id",
            rule=pl.lit("exact_duplicate"),
            detail=pl.format("The action tree equals that of its twin: workflow {}.", "workflow_id"),
            threshold=pl.lit(1.0),
            observed=pl.lit(1.0),
            twin_id="twin_id",
        )
    )


def _near_duplicates(rows: pl.DataFrame, twins: Sequence[Twin | None], threshold: float) -> pl.DataFrame:
    ids = rows["raw_id"].to_list()
    dropped = [
        {
            "row_id": ids[number],
            "rule": "near_duplicate",
            "detail": "Jaccard similarity of token shingles, measured against the twin.",
            "threshold": threshold,
            "observed": twin.similarity,
            "twin_id": ids[twin.number],
        }
        for number, twin in enumerate(twins)
        if twin
    ]
    return pl.DataFrame(dropped, schema=_DROP_SCHEMA)


def _families(rows: pl.DataFrame, sketches: Sequence[Sketch]) -> pl.Series:
    """Return the family of each row: the smallest workflow id in its component."""
    component = find_families(sketches, at_least=FAMILY_SIMILARITY)
    named = pl.DataFrame({"component": component, "workflow_id": rows["workflow_id"]})
    return named.select(pl.col("workflow_id").min().over("component")).to_series()


def _dropped_rows(parts: Sequence[pl.DataFrame], annotated: pl.DataFrame) -> pl.DataFrame:
    titles = annotated.select("title", row_id="raw_id")
    rows = pl.concat(parts, how="diagonal").join(titles, on="row_id", how="left")
    rows = rows.with_columns(stage=pl.lit(SEED_WORKFLOWS.name)).select(SEED_WORKFLOWS_DROPPED.schema.names())
    return rows.sort(SEED_WORKFLOWS_DROPPED.key)
