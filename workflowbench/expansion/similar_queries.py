"""Near-duplicate queries: MinHash candidates over runs of words, each verified by exact Jaccard."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rensa import RMinHash, RMinHashLSH  # type: ignore[import-untyped]  # it ships no types

SIMILARITY = 0.7
"""Jaccard similarity from which two queries are near duplicates, unless another one is given."""

_RUN = 3
_PERMUTATIONS = 128
# 32 bands of 4 rows propose a pair of similarity 0.7 with a probability of 0.9998.
_BANDS = 32
_SEED = 42
_WORD = re.compile(r"\w+")


class QueryText:
    """A query with what it is compared by: its distinct runs of three words, case and punctuation aside."""

    def __init__(self, query: str) -> None:
        self._query = query

    @property
    def runs(self) -> frozenset[str]:
        """Its runs of three words; made anew each time, because few queries are ever compared."""
        words = _WORD.findall(self._query.casefold())
        last = max(len(words) - _RUN, 0)
        return frozenset(" ".join(words[start : start + _RUN]) for start in range(last + 1))

    @cached_property
    def sketch(self) -> RMinHash:
        """Its MinHash."""
        sketch = RMinHash(_PERMUTATIONS, _SEED)
        sketch.update(sorted(self.runs))
        return sketch


@dataclass(frozen=True, slots=True)
class Twin:
    """A query that another one nearly repeats: its id and their Jaccard similarity."""

    id: str
    similarity: float


class QueryIndex:
    """Queries by id, in which the nearest one to another query is found.

    Args:
        queries: Id and query.
        at_least: Jaccard similarity from which two queries are near duplicates.

    """

    def __init__(
        self, queries: Iterable[tuple[str, QueryText]] = (), *, at_least: float = SIMILARITY
    ) -> None:
        self._at_least = at_least
        self._members: list[tuple[str, QueryText]] = []
        self._buckets = RMinHashLSH(1.0, _PERMUTATIONS, _BANDS)
        for id_, query in queries:
            self.add(id_, query)

    def add(self, id_: str, query: QueryText) -> None:
        """Add a query under an id."""
        self._buckets.insert(len(self._members), query.sketch)
        self._members.append((id_, query))

    def twin_of(self, query: QueryText) -> Twin | None:
        """Return the most similar query at or above the limit, the one added first among equals, or None."""
        runs = query.runs
        found = (self._members[number] for number in sorted(self._buckets.query(query.sketch)))
        twins = [Twin(id_, _jaccard(runs, member.runs)) for id_, member in found]
        near = [twin for twin in twins if twin.similarity >= self._at_least]
        return max(near, key=lambda twin: twin.similarity, default=None)


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)
