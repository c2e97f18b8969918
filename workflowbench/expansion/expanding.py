"""Query expansion: from APIs, seeds and categories to synthetic queries."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from workflowbench.catalogue.api import Api
from workflowbench.categories import CATEGORIES
from workflowbench.expansion.api_names import ApiNames
from workflowbench.expansion.api_pools import ApiPool
from workflowbench.expansion.example_choice import ExamplePool
from workflowbench.expansion.filling import Attempt, Duplicate, duplicate_in, fill
from workflowbench.expansion.query_rules import Fault
from workflowbench.expansion.sampling import Slot, api_counts, quotas, sample_apis, slots
from workflowbench.expansion.similar_queries import SIMILARITY, QueryIndex, QueryText
from workflowbench.expansion.writing import ModelWriter, OfflineWriter, Sample, Writer
from workflowbench.llm.questions import Model
from workflowbench.tables import EXPANDED_QUERIES, EXPANDED_QUERIES_DROPPED

ATTEMPTS = 5
"""Attempts to fill a slot, unless another number is given."""
EXAMPLES = 3
"""In-context examples of a query, unless another number is given."""

_TITLE_LIMIT = 120


@dataclass(frozen=True, slots=True)
class Expansion:
    """The outcome of query expansion.

    Attributes:
        queries: Rows of `expanded_queries`, sorted by key.
        dropped: Rows of `expanded_queries_dropped`, one per attempt that was not kept, sorted by key. A row
            is named by category, number of the query in it, and attempt, e.g. `Books/12/0`.
        missed: How many queries each category lacks because every attempt was dropped; empty if none.

    """

    queries: pl.DataFrame
    dropped: pl.DataFrame
    missed: Mapping[str, int]


def expand(
    seeds: pl.DataFrame,
    catalogue: Mapping[str, Api],
    pools: Sequence[ApiPool],
    *,
    count: int,
    seed: int,
    model: Model | None = None,
    ood_seeds: pl.DataFrame | None = None,
    test_queries: Mapping[str, str] | None = None,
    categories: Collection[str] = CATEGORIES,
    known_queries: Mapping[str, str] | None = None,
    n_examples: int = EXAMPLES,
    attempts: int = ATTEMPTS,
    similarity: float = SIMILARITY,
) -> Expansion:
    """Write synthetic queries, equally many for each of the 28 categories, or those of some categories only.

    A slot whose query is dropped is filled again, with other APIs and examples, until `attempts` are used up.

    Args:
        seeds: Rows of `seed_workflows` that training may use: the source of the number of APIs per query and
            of the in-context examples. The caller keeps test workflows out.
        catalogue: API by identifier.
        pools: What may be combined, from `api_pools`.
        count: Number of queries for all 28 categories.
        seed: Seed of all sampling; a larger count with the same seed gives the same first queries.
        model: The writer; None is the offline writer, which works by rules.
        ood_seeds: Seeds that may be shown for queries of the `ood` pool; None means the same ones.
        test_queries: Queries of the test split by id; no query may nearly repeat one.
        categories: Categories whose queries are written now. Written one category after the other, with the
            others' queries as known ones, a set of queries stays as it is.
        known_queries: Queries of the other categories by id; no query may nearly repeat one.
        n_examples: In-context examples per query; the offline writer sees none.
        attempts: Most attempts to fill a slot.
        similarity: Jaccard similarity of runs of three words from which two queries are near duplicates.

    """
    names = ApiNames(catalogue.values())
    writer: Writer = (
        OfflineWriter(names, seed=seed) if model is None else ModelWriter(model, names, n_examples=n_examples)
    )
    shown = {"id": ExamplePool(seeds), "ood": ExamplePool(seeds if ood_seeds is None else ood_seeds)}
    expander = _Expander(
        api_counts(seeds),
        shown,
        catalogue,
        writer,
        {"near_duplicate_of_test": test_queries or {}, "near_duplicate": known_queries or {}},
        seed=seed,
        similarity=similarity,
    )
    wanted = [slot for slot in slots(count, CATEGORIES, pools, seed=seed) if slot.category in categories]
    return expander.expand(wanted, attempts)


def nothing_expanded(reason: str, categories: Collection[str], *, count: int) -> Expansion:
    """Return the outcome where no query can be written: one dropped row per category says why.

    Args:
        reason: What is missing.
        categories: Categories whose queries were wanted.
        count: Number of queries that were wanted for all 28 categories.

    """
    wanted = quotas(count, CATEGORIES)
    rows = [
        {
            "row_id": f"{category}/0/0",
            "stage": EXPANDED_QUERIES.name,
            "rule": "nothing_to_sample",
            "detail": reason,
        }
        for category in sorted(categories)
        if wanted[category]
    ]
    missed = {category: wanted[category] for category in categories}
    return Expansion(EXPANDED_QUERIES.frame(), EXPANDED_QUERIES_DROPPED.frame(rows), missed)


class _Expander:
    def __init__(
        self,
        counts: Sequence[int],
        examples: Mapping[str, ExamplePool],
        catalogue: Mapping[str, Api],
        writer: Writer,
        others: Mapping[str, Mapping[str, str]],
        *,
        seed: int,
        similarity: float,
    ) -> None:
        self._catalogue = catalogue
        self._writer = writer
        self._seed = seed
        self._similarity = similarity
        self._counts = counts
        self._examples = examples
        self._others = {
            rule: QueryIndex(((id_, QueryText(query)) for id_, query in queries.items()), at_least=similarity)
            for rule, queries in others.items()
        }

    def expand(self, all_slots: Sequence[Slot], attempts: int) -> Expansion:
        tried: dict[str, list[Attempt]] = {slot.key: [] for slot in all_slots}
        filled = fill(tried, tried, similarity=self._similarity)
        while retried := [
            slot for slot in all_slots if slot.key not in filled.kept and len(tried[slot.key]) < attempts
        ]:
            for attempt in self._attempt([(slot, len(tried[slot.key])) for slot in retried]):
                tried[attempt.sample.slot.key].append(attempt)
            filled = fill(tried, tried, similarity=self._similarity)
        rows = [self._row(attempt) for attempt in filled.kept.values()]
        dropped = [_dropped_row(attempt, fault) for attempt, fault in filled.dropped]
        return Expansion(
            EXPANDED_QUERIES.frame(rows).sort(EXPANDED_QUERIES.key),
            EXPANDED_QUERIES_DROPPED.frame(dropped).sort(EXPANDED_QUERIES_DROPPED.key),
            Counter(slot.category for slot in all_slots if slot.key not in filled.kept),
        )

    def _attempt(self, wanted: Sequence[tuple[Slot, int]]) -> Iterator[Attempt]:
        samples = [self._sample(slot, attempt) for slot, attempt in wanted]
        for sample, draft in zip(samples, self._writer.write(samples), strict=True):
            text = QueryText(draft.query)
            yield Attempt(_query_id(sample, draft.query), sample, draft, text, self._twin(text))

    def _twin(self, text: QueryText) -> Duplicate | None:
        found = (duplicate_in(index, text, rule, self._similarity) for rule, index in self._others.items())
        return next(filter(None, found), None)

    def _sample(self, slot: Slot, attempt: int) -> Sample:
        identifiers = sample_apis(slot, attempt, self._counts, seed=self._seed)
        wanted = self._writer.n_examples
        pool = self._examples[slot.pool.name]
        examples = pool.choose(slot, attempt, identifiers, wanted, seed=self._seed)
        apis = tuple(self._catalogue[identifier] for identifier in identifiers)
        return Sample(slot, attempt, apis, tuple(examples))

    def _row(self, attempt: Attempt) -> dict[str, Any]:
        sample = attempt.sample
        return {
            "query_id": attempt.id,
            "category": sample.slot.category,
            "pool": sample.slot.pool.name,
            "query": attempt.draft.query,
            "apis": [api.identifier for api in sample.apis],
            "apps": sorted({api.app for api in sample.apis}),
            "examples": [example.workflow_id for example in sample.examples],
            "prompt": self._writer.prompt,
            "writer": self._writer.name,
        }


def _query_id(sample: Sample, query: str) -> str:
    """Hash of category, APIs and query: the first 32 hexadecimal digits of its SHA-256."""
    parts = [sample.slot.category, *(api.identifier for api in sample.apis), query]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _dropped_row(attempt: Attempt, fault: Fault | Duplicate | None) -> dict[str, Any]:
    row = {
        "row_id": attempt.sample.key,
        "title": attempt.draft.query[:_TITLE_LIMIT],
        "stage": EXPANDED_QUERIES.name,
    }
    match fault:
        case None:
            return row | {"rule": "not_needed", "detail": "An earlier attempt filled the slot after all."}
        case Duplicate(rule, twin_id, threshold, observed):
            detail = "Jaccard similarity of runs of three words, measured against the twin."
            return row | {
                "rule": rule,
                "detail": detail,
                "threshold": threshold,
                "observed": observed,
                "twin_id": twin_id,
            }
        case Fault(rule, detail, threshold, observed):
            return row | {"rule": rule, "detail": detail, "threshold": threshold, "observed": observed}
