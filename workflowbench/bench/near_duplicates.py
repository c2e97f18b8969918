"""Near duplicates among token sequences: MinHash candidates, each verified by exact Jaccard similarity.

Two questions are asked of a list of sequences. `find_twins` keeps each sequence unless it is too similar to
one that is kept already: a twin is verified directly, never through a third. `find_families` links whatever
is similar, through any number of steps.

Neither compares the members of a large cluster with one another, so that ten thousand variants of one
workflow cost ten thousand comparisons and not fifty million: the twin of a sequence is a kept one, and a
family is represented by leaders.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from rensa import RMinHash, RMinHashLSH  # type: ignore[import-untyped]  # it ships no types

SHINGLE = 3
"""Tokens in a shingle."""

LEADER_SIMILARITY = 0.8
"""Jaccard similarity from which a sequence is represented by the leader of its cluster."""

# 42 bands of 3 rows propose a pair of similarity 0.5 with a probability of 0.996, of 0.7 of 0.99999995.
_BANDS = 42
_PERMUTATIONS = 3 * _BANDS
_SEED = 42

Shingles = frozenset[tuple[object, ...]]


def shingles(tokens: Sequence[str]) -> Shingles:
    """Return the shingles of a token sequence as a multiset: each with the number of its occurrence.

    A shingle is a run of three tokens; a sequence of fewer than three tokens has its single tokens instead.
    Occurrences count, so that a menu of fifty entries is not the same as one of five.
    """
    length = SHINGLE if len(tokens) >= SHINGLE else 1
    runs = Counter(tuple(tokens[start : start + length]) for start in range(len(tokens) - length + 1))
    return frozenset((*run, number) for run, count in runs.items() for number in range(count))


def jaccard(a: Shingles, b: Shingles) -> float:
    """Return the Jaccard similarity of two shingle sets; 1 for two empty ones."""
    shared = len(a & b)
    union = len(a) + len(b) - shared
    return shared / union if union else 1.0


@dataclass(frozen=True, slots=True)
class Sketch:
    """A token sequence made comparable: its shingles, and the MinHash of them."""

    n_tokens: int
    shingles: Shingles
    minhash: RMinHash

    @classmethod
    def of(cls, tokens: Sequence[str]) -> "Sketch":
        """Sketch a token sequence."""
        members = shingles(tokens)
        minhash = RMinHash(_PERMUTATIONS, _SEED)
        minhash.update([repr(member) for member in members])
        return cls(len(tokens), members, minhash)


class Twin(NamedTuple):
    """A sequence that another is too similar to: its number, and the Jaccard similarity."""

    number: int
    similarity: float


class SimilarityIndex:
    """Sketches by number, of which those similar to a given sketch can be found."""

    def __init__(self) -> None:
        self._lsh = RMinHashLSH(1.0, _PERMUTATIONS, _BANDS)
        self._shingles: dict[int, Shingles] = {}

    def add(self, number: int, sketch: Sketch) -> None:
        """Add a sketch under a number of its own."""
        self._lsh.insert(number, sketch.minhash)
        self._shingles[number] = sketch.shingles

    def similar(self, sketch: Sketch, at_least: float) -> Iterator[Twin]:
        """Yield the similar sketches by number, ascending, with their exact Jaccard similarity.

        Candidates come from MinHash with locality-sensitive hashing under a fixed seed; every candidate is
        verified, so that no pair is reported on an estimate.
        """
        size = len(sketch.shingles)
        for number in sorted(self._lsh.query(sketch.minhash)):
            other = self._shingles[number]
            if min(size, len(other)) >= at_least * max(size, len(other)):
                similarity = jaccard(sketch.shingles, other)
                if similarity >= at_least:
                    yield Twin(number, similarity)

    def most_similar(self, sketch: Sketch, at_least: float) -> Twin | None:
        """Return the most similar sketch, that of the smallest number among equals, if there is one."""
        return max(self.similar(sketch, at_least), key=attrgetter("similarity"), default=None)


def find_twins(
    sketches: Sequence[Sketch], *, at_least: float, comparable: Sequence[bool]
) -> list[Twin | None]:
    """Keep each sequence, in the order given, unless it is too similar to one that is kept.

    Args:
        sketches: The sequences, those to keep rather than others first.
        at_least: Jaccard similarity from which two sequences are too similar.
        comparable: Whether a sequence may be, or have, a twin at all.

    Returns:
        The most similar kept sequence, the earliest among equals; None for a sequence that is kept.
    """
    kept = SimilarityIndex()
    twins: list[Twin | None] = []
    for number, sketch in enumerate(sketches):
        twin = kept.most_similar(sketch, at_least) if comparable[number] else None
        twins.append(twin)
        if comparable[number] and twin is None:
            kept.add(number, sketch)
    return twins


class FamilyIndex:
    """Families of similar sequences: the connected components of all pairs at or above a similarity.

    A sequence that is very similar to a leader follows it and is not indexed. Jaccard distance is a metric,
    so whatever is similar to a follower is almost as similar to its leader: the followers themselves are
    compared only with sequences at that rim.
    """

    def __init__(self, at_least: float) -> None:
        """Link sequences with a Jaccard similarity of `at_least`, at most `LEADER_SIMILARITY`."""
        assert at_least <= LEADER_SIMILARITY
        self._at_least = at_least
        self._rim = at_least + LEADER_SIMILARITY - 1
        self._leaders = SimilarityIndex()
        self._first: list[int] = []
        self._followers: dict[int, list[Sketch]] = defaultdict(list)

    def near(self, sketch: Sketch) -> set[int]:
        """Return the families that hold a sequence similar to the given one."""
        near: set[int] = set()
        for leader, similarity in self._leaders.similar(sketch, self._rim):
            family = self.family_of(leader)
            if family not in near and self._is_near(sketch, leader, similarity):
                near.add(family)
        return near

    def add(self, sketch: Sketch, linked: Iterable[int] = ()) -> int:
        """Add a sequence to the union of some families, a family of its own for none; return its number."""
        number = len(self._first)
        self._first.append(number)
        for family in linked:
            low, high = sorted((self.family_of(number), self.family_of(family)))
            self._first[high] = low
        closest = self._leaders.most_similar(sketch, LEADER_SIMILARITY)
        if closest is None:
            self._leaders.add(number, sketch)
        else:
            self._followers[closest.number].append(sketch)
        return number

    def family_of(self, number: int) -> int:
        """Return the family of a sequence by its number: the smallest number in it."""
        while (first := self._first[number]) != number:
            self._first[number] = self._first[first]
            number = first
        return number

    def _is_near(self, sketch: Sketch, leader: int, similarity: float) -> bool:
        return similarity >= self._at_least or any(
            jaccard(sketch.shingles, follower.shingles) >= self._at_least
            for follower in self._followers[leader]
        )


def find_families(sketches: Iterable[Sketch], *, at_least: float) -> list[int]:
    """Return the family of each sequence, named by the first sequence in it."""
    index = FamilyIndex(at_least)
    numbers = [index.add(sketch, index.near(sketch)) for sketch in sketches]
    return [index.family_of(number) for number in numbers]
