"""Synthetic samples beside the collected ones: what repeats another row is dropped, with its twin.

Every collected sample stays as it is, and so does its family: adding synthetic rows moves no collected row to
another split. Synthetic rows are taken in the order of their ids, so that a rebuild decides alike. A row is
dropped by the first of these rules that it fails:

1. `exact_duplicate`: a sample has the same canonical action tree;
2. `near_duplicate`: a sample has a similar action tree (Jaccard similarity of token shingles); trees of fewer
   than `FEWEST_TOKENS` tokens are not compared;
3. `near_duplicate_query`: a sample has a similar query (Jaccard similarity of runs of three words);
4. `joins_families`: it is akin to collected workflows of different families, which may be in different
   splits.
"""

import polars as pl

from workflowbench.bench.deduplication import FAMILY_SIMILARITY, FEWEST_TOKENS
from workflowbench.bench.near_duplicates import FamilyIndex, SimilarityIndex, Sketch
from workflowbench.expansion.similar_queries import QueryIndex, QueryText
from workflowbench.tables import WORKFLOWBENCH, WORKFLOWBENCH_DROPPED

_FAMILY = {"sample_id": pl.String, "family": pl.String}


def merged_synthetic(
    collected: pl.DataFrame,
    seeds: pl.DataFrame,
    confirmed: pl.DataFrame,
    *,
    threshold: float,
    query_threshold: float,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make a sample of each confirmed workflow that repeats no other.

    Args:
        collected: Rows of `workflowbench` of origin `collected`.
        seeds: Rows of `seed_workflows`, also those that became no sample: they have a family as well.
        confirmed: Rows of `confirmed_workflows`.
        threshold: Jaccard similarity of token shingles from which a workflow is a near duplicate.
        query_threshold: Jaccard similarity of runs of three words from which a query is one.

    Returns:
        Rows of `workflowbench` of origin `synthetic`, and of `workflowbench_dropped`.
    """
    if confirmed.is_empty():
        return WORKFLOWBENCH.frame(), WORKFLOWBENCH_DROPPED.frame()
    tokens = seeds.select("workflow_id", "tokens").join(
        collected, left_on="workflow_id", right_on="sample_id", maintain_order="right"
    )
    repeats = _Repeats(threshold, query_threshold)
    for sample_id, tree, query in tokens.select("workflow_id", "tokens", "query").iter_rows():
        repeats.add(sample_id, sample_id, Sketch.of(tree), QueryText(query))
    families = _Families(seeds)
    kept: list[str] = []
    dropped: list[dict[str, object]] = []
    columns = ("sample_id", "workflow_id", "tokens", "query")
    for sample_id, workflow_id, tree, query in confirmed.sort("sample_id").select(columns).iter_rows():
        sketch, text = Sketch.of(tree), QueryText(query)
        fault = repeats.fault(workflow_id, sketch, text) or families.fault(sketch)
        if fault:
            dropped.append({"row_id": sample_id, "stage": WORKFLOWBENCH.name, **fault})
        else:
            repeats.add(sample_id, workflow_id, sketch, text)
            families.add(workflow_id, sketch)
            kept.append(sample_id)
    family = pl.DataFrame({"sample_id": kept, "family": families.of_added()}, schema_overrides=_FAMILY)
    return _synthetic(confirmed.join(family, on="sample_id")), WORKFLOWBENCH_DROPPED.frame(dropped)


def _synthetic(confirmed: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    samples = confirmed.with_columns(origin=pl.lit("synthetic"), title=nothing, licence=nothing)
    return samples.select(WORKFLOWBENCH.schema.names())


class _Repeats:
    """The samples so far, and whether a row repeats one of them."""

    def __init__(self, threshold: float, query_threshold: float) -> None:
        self._threshold = threshold
        self._query_threshold = query_threshold
        self._ids: list[str] = []
        self._by_tree: dict[str, str] = {}
        self._trees = SimilarityIndex()
        self._queries = QueryIndex(at_least=query_threshold)

    def add(self, sample_id: str, workflow_id: str, tree: Sketch, query: QueryText) -> None:
        number = len(self._ids)
        self._ids.append(sample_id)
        self._by_tree[workflow_id] = sample_id
        self._queries.add(sample_id, query)
        if tree.n_tokens >= FEWEST_TOKENS:
            self._trees.add(number, tree)

    def fault(self, workflow_id: str, tree: Sketch, query: QueryText) -> dict[str, object] | None:
        """Return the first rule that a row fails, with its twin."""
        if workflow_id in self._by_tree:
            detail = "The action tree equals that of its twin."
            return _drop("exact_duplicate", detail, 1.0, 1.0, self._by_tree[workflow_id])
        if tree.n_tokens >= FEWEST_TOKENS and (twin := self._trees.most_similar(tree, self._threshold)):
            detail = "Jaccard similarity of token shingles, measured against the twin."
            return _drop("near_duplicate", detail, self._threshold, twin.similarity, self._ids[twin.number])
        if again := self._queries.twin_of(query):
            detail = "Jaccard similarity of the words of both queries, in runs of three."
            return _drop("near_duplicate_query", detail, self._query_threshold, again.similarity, again.id)
        return None


def _drop(
    rule: str, detail: str, threshold: float, observed: float, twin_id: str | None
) -> dict[str, object]:
    return {
        "rule": rule,
        "detail": detail,
        "threshold": threshold,
        "observed": observed,
        "twin_id": twin_id,
    }


class _Families:
    """The families of the seeds, to which synthetic workflows are added."""

    def __init__(self, seeds: pl.DataFrame) -> None:
        self._index = FamilyIndex(FAMILY_SIMILARITY)
        self._names: list[str] = []
        self._numbers: list[int] = []
        first: dict[str, int] = {}
        for tokens, family in seeds.select("tokens", "family").iter_rows():
            known = [first[family]] if family in first else []
            number = self._index.add(Sketch.of(tokens), known)
            first.setdefault(family, number)
            self._names.append(family)
        self._n_seeds = seeds.height

    def fault(self, sketch: Sketch) -> dict[str, object] | None:
        """Refuse a workflow that would join families of collected workflows.

        A family is named by the smallest number in it, so one with a seed has the number of a seed.
        """
        joined = sorted(self._names[number] for number in self._index.near(sketch) if number < self._n_seeds)
        if len(joined) < 2:
            return None
        return _drop("joins_families", f"Akin to {', '.join(joined)}.", 1.0, float(len(joined)), None)

    def add(self, workflow_id: str, sketch: Sketch) -> None:
        self._numbers.append(self._index.add(sketch, self._index.near(sketch)))
        self._names.append(workflow_id)

    def of_added(self) -> list[str]:
        """Return the family of each added workflow: that of the seeds in it, or its smallest workflow id."""
        roots = [self._index.family_of(number) for number in self._numbers]
        smallest: dict[int, str] = {}
        for number, root in zip(self._numbers, roots, strict=True):
            smallest[root] = min(smallest.get(root, self._names[number]), self._names[number])
        return [self._names[root] if root < self._n_seeds else smallest[root] for root in roots]
