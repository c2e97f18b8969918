"""What two texts share: sums that add up over a corpus."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum
from operator import add
from typing import Self

from workflowbench.evaluation.codebleu.features import Counts, Features
from workflowbench.evaluation.codebleu.modes import Mode
from workflowbench.evaluation.codebleu.ngrams import ORDERS

Sums = tuple[float, ...]
"""A sum for each n from one to four."""


@dataclass(frozen=True, slots=True)
class Matches:
    """What predictions share with their references, summed over one pair or many.

    Attributes:
        n_pairs: Pairs summed.
        reference_tokens: Tokens of the references.
        prediction_tokens: Tokens of the predictions.
        subtrees: Sub-trees of the references that the predictions have.
        n_subtrees: Sub-trees of the references.
        flows: Edges of data flow of the references that the predictions have.
        n_flows: Edges of data flow of the references.
        ngrams: Shared n-grams.
        n_ngrams: N-grams of the predictions, at least one a pair.
        weighted: Shared n-grams, single tokens by weight.
        n_weighted: N-grams of the references (in `fixed`, the predictions), single tokens by weight, at least
            one a pair.
        reference_ngrams: N-grams of the references.

    """

    n_pairs: float
    reference_tokens: float
    prediction_tokens: float
    subtrees: float
    n_subtrees: float
    flows: float
    n_flows: float
    ngrams: Sums
    n_ngrams: Sums
    weighted: Sums
    n_weighted: Sums
    reference_ngrams: Sums

    def flat(self) -> Sums:
        """All sums in a row."""
        return (
            *(self.n_pairs, self.reference_tokens, self.prediction_tokens),
            *(self.subtrees, self.n_subtrees, self.flows, self.n_flows),
            *self.ngrams,
            *self.n_ngrams,
            *self.weighted,
            *self.n_weighted,
            *self.reference_ngrams,
        )

    @classmethod
    def from_flat(cls, sums: Iterable[float]) -> Self:
        """The sums that `flat` put in a row."""
        n_pairs, reference_tokens, prediction_tokens, subtrees, n_subtrees, flows, n_flows, *rest = sums
        by_order = [tuple(rest[start : start + ORDERS]) for start in range(0, len(rest), ORDERS)]
        return cls(
            *(n_pairs, reference_tokens, prediction_tokens, subtrees, n_subtrees, flows, n_flows), *by_order
        )

    def __add__(self, other: "Matches") -> "Matches":
        """The sums over both."""
        return Matches.from_flat(map(add, self.flat(), other.flat()))


def match(reference: Features, prediction: Features, mode: Mode) -> Matches:
    """What a prediction shares with its reference; both must have been extracted in the mode."""
    shared = tuple(map(_shared, reference.ngrams, prediction.ngrams))
    is_fixed = mode is Mode.FIXED
    counted = prediction if is_fixed else reference
    return Matches(
        n_pairs=1,
        reference_tokens=reference.n_ngrams[0],
        prediction_tokens=prediction.n_ngrams[0],
        subtrees=(_shared if is_fixed else _found)(reference.subtrees, prediction.subtrees),
        n_subtrees=reference.n_subtrees,
        flows=_shared(reference.flows, prediction.flows),
        n_flows=reference.n_flows,
        ngrams=shared,
        n_ngrams=tuple(max(1, number) for number in prediction.n_ngrams),
        weighted=(_shared_weight(reference, prediction, mode), *shared[1:]),
        n_weighted=(_total_weight(counted, mode), *(max(1, number) for number in counted.n_ngrams[1:])),
        reference_ngrams=reference.n_ngrams,
    )


def _shared(first: Counts, second: Counts) -> int:
    """The size of the intersection of two multisets."""
    return sum([min(first[item], second[item]) for item in first.keys() & second.keys()])


def _found(reference: Counts, prediction: Counts) -> int:
    """How many elements of a multiset are somewhere in another."""
    return sum([reference[item] for item in reference.keys() & prediction.keys()])


def _shared_weight(reference: Features, prediction: Features, mode: Mode) -> float:
    """The weights of the shared tokens; in the package the order of the sum decides its last bit."""
    counts = prediction.ngrams[0]
    weights = [
        min(count, counts[token]) * weight
        for token, count, weight in reference.weighted_tokens
        if token in counts
    ]
    return fsum(weights) if mode is Mode.FIXED else sum(weights)


def _total_weight(features: Features, mode: Mode) -> float:
    """The weights of all tokens, at least one in the package even if they weigh less."""
    weights = [count * weight for _, count, weight in features.weighted_tokens]
    return fsum(weights) if mode is Mode.FIXED else max(1, sum(weights))
