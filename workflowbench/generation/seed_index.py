"""The nearest seeds to a query: by its words and by the APIs that it is given."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workflowbench.expansion.query_rules import stems

_WORDS_SHARE = 0.5

Scores = NDArray[np.float64]


class SeedIndex:
    """Seeds, ranked by the mean of two cosines: of the words of the queries, and of the sets of APIs.

    Both weigh a term by its inverse document frequency, ln((1 + n) / (1 + df)) + 1.

    Args:
        seeds: Rows of `seed_workflows` that may be shown or adapted; the caller keeps test workflows out.

    """

    def __init__(self, seeds: pl.DataFrame) -> None:
        ordered = seeds.sort("workflow_id")
        self.workflow_ids: Sequence[str] = ordered["workflow_id"].to_list()
        self._words = _Postings([stems(query) for query in ordered["query"].to_list()])
        self._apis = _Postings([frozenset(apis) for apis in ordered["apis"].to_list()])

    def nearest(self, query: str, apis: Iterable[str], wanted: int) -> list[str]:
        """Return the workflow ids of the nearest seeds, best first; equal ones in the order of their ids."""
        words = self._words.cosines(stems(query))
        scores = _WORDS_SHARE * words + (1 - _WORDS_SHARE) * self._apis.cosines(frozenset(apis))
        best = np.argsort(-scores, kind="stable")[:wanted]
        return [self.workflow_ids[number] for number in best]


class _Postings:
    """Sets of terms by term: for each, the numbers of the sets that hold it and its share of their length."""

    def __init__(self, documents: Sequence[frozenset[str]]) -> None:
        self._n_documents = len(documents)
        found = Counter(term for document in documents for term in document)
        self._weights = {term: math.log((1 + len(documents)) / (1 + n)) + 1 for term, n in found.items()}
        postings: dict[str, tuple[list[int], list[float]]] = {term: ([], []) for term in found}
        for number, document in enumerate(documents):
            length = self._length(document)
            for term in document:
                numbers, shares = postings[term]
                numbers.append(number)
                shares.append(self._weights[term] / length)
        self._postings: dict[str, tuple[NDArray[Any], Scores]] = {
            term: (np.array(numbers), np.array(shares)) for term, (numbers, shares) in postings.items()
        }

    def cosines(self, terms: frozenset[str]) -> Scores:
        """Return the cosine of a set of terms with every document; unknown terms count for nothing."""
        scores = np.zeros(self._n_documents)
        known = frozenset(term for term in terms if term in self._weights)
        length = self._length(known)
        for term in sorted(known):
            numbers, shares = self._postings[term]
            scores[numbers] += shares * (self._weights[term] / length)
        return scores

    def _length(self, terms: frozenset[str]) -> float:
        return math.sqrt(sum(self._weights[term] ** 2 for term in sorted(terms)))
