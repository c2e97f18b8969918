"""Samples that repeat another one: the same actions, or nearly the same query."""

from collections.abc import Iterable

import polars as pl

from workflowbench.expansion.similar_queries import SIMILARITY, QueryIndex, QueryText
from workflowbench.quality.candidates import Candidate


class Duplicates:
    """The samples kept so far, against which the next ones are held.

    Args:
        similarity: Jaccard similarity from which two queries are near duplicates.

    """

    def __init__(self, similarity: float = SIMILARITY) -> None:
        self._similarity = similarity
        self._programs: dict[str, str] = {}
        self._queries = QueryIndex(at_least=similarity)

    def add(self, kept: pl.DataFrame) -> None:
        """Add samples that were kept before: rows of `confirmed_workflows`."""
        for query_id, workflow_id, query in kept.select("query_id", "workflow_id", "query").iter_rows():
            self._programs[workflow_id] = query_id
            self._queries.add(query_id, QueryText(query))

    def drop_from(self, candidates: Iterable[Candidate]) -> None:
        """Drop the samples whose actions or query an earlier kept one has already, and name that twin."""
        for candidate in candidates:
            assert candidate.facts is not None
            query = QueryText(candidate.row["query"])
            if (owner := self._programs.get(candidate.facts.workflow_id)) is not None:
                candidate.drop("duplicate_program", "The actions are those of its twin.", 1.0, 1.0)
                candidate.twin = owner
            elif (twin := self._queries.twin_of(query)) is not None:
                detail = "Jaccard similarity of the runs of three words, measured against its twin."
                candidate.drop("near_duplicate_query", detail, self._similarity, twin.similarity)
                candidate.twin = twin.id
            else:
                self._programs[candidate.facts.workflow_id] = candidate.query_id
                self._queries.add(candidate.query_id, query)
