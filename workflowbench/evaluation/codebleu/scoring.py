"""CodeBLEU and its four parts."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add

from workflowbench.evaluation.codebleu.matches import Matches, Sums
from workflowbench.evaluation.codebleu.modes import Mode

Weights = tuple[float, float, float, float]
"""Weights of n-grams, weighted n-grams, syntax and data flow."""
PAPER_WEIGHTS: Weights = (0.1, 0.1, 0.4, 0.4)
"""The weights of WorkflowLLM, as Ren et al. recommend."""
_EPSILON = 0.1
"""Counted for an n-gram order without a match: method 1 of Chen and Cherry 2014."""


@dataclass(frozen=True, slots=True)
class Score:
    """CodeBLEU and its parts, each from 0 to 1.

    Attributes:
        ngram: BLEU-4 over tokens between blanks.
        weighted_ngram: The same with keywords five times as heavy.
        syntax: Share of the reference's sub-trees that the prediction has.
        dataflow: Share of the reference's data flow that the prediction has. In `fixed` None if it has none.
        codebleu: The weighted sum.

    """

    ngram: float
    weighted_ngram: float
    syntax: float
    dataflow: float | None
    codebleu: float


def score(matches: Matches, mode: Mode, weights: Weights = PAPER_WEIGHTS) -> Score:
    """CodeBLEU of one pair, or of a corpus from the sum of its pairs' matches.

    Raises:
        ValueError: There is no pair.

    """
    if not matches.n_pairs:
        raise ValueError("no pair to score")
    syntax = matches.subtrees / matches.n_subtrees
    if mode is Mode.FIXED:
        ngram, weighted = _fixed_ngrams(matches)
        flow = matches.flows / matches.n_flows if matches.n_flows else None
        return Score(ngram, weighted, syntax, flow, weighted_mean((ngram, weighted, syntax, flow), weights))
    ngram, weighted = _package_ngrams(matches)
    flow = matches.flows / matches.n_flows if matches.n_flows else 0
    first, second, third, fourth = weights
    # The package reads a data flow of zero as one.
    total = first * ngram + second * weighted + third * syntax + fourth * (flow or 1)
    return Score(ngram, weighted, syntax, flow, total)


def corpus_score(matches: Iterable[Matches], mode: Mode, weights: Weights = PAPER_WEIGHTS) -> Score:
    """CodeBLEU of many pairs as one text: every part is a ratio of sums, not a mean of ratios.

    Raises:
        ValueError: There is no pair.

    """
    rows = list(matches)
    if not rows:
        raise ValueError("no pair to score")
    return score(reduce(add, rows), mode, weights)


def weighted_mean(parts: Iterable[float | None], weights: Weights) -> float:
    """The mean of the parts that there are, by weight."""
    known = [(part, weight) for part, weight in zip(parts, weights, strict=True) if part is not None]
    return sum(part * weight for part, weight in known) / sum(weight for _, weight in known)


def _package_ngrams(matches: Matches) -> tuple[float, float]:
    """BLEU and weighted BLEU; the package takes the length of every reference for 2 in the second."""
    length = matches.prediction_tokens
    return (
        _bleu(matches.ngrams, matches.n_ngrams, _brevity(matches.reference_tokens, length)),
        _bleu(matches.weighted, matches.n_weighted, _brevity(2 * matches.n_pairs, length)),
    )


def _fixed_ngrams(matches: Matches) -> tuple[float, float]:
    """BLEU and weighted BLEU over the orders that the references have, both with the brevity penalty."""
    if not matches.reference_tokens:
        empty = 0.0 if matches.prediction_tokens else 1.0
        return empty, empty
    orders = sum(1 for number in matches.reference_ngrams if number)
    penalty = _brevity(matches.reference_tokens, matches.prediction_tokens)
    return (
        _bleu(matches.ngrams[:orders], matches.n_ngrams[:orders], penalty),
        _bleu(matches.weighted[:orders], matches.n_weighted[:orders], penalty),
    )


def _brevity(reference_length: float, length: float) -> float:
    if length > reference_length:
        return 1
    return math.exp(1 - reference_length / length) if length else 0


def _bleu(shared: Sums, total: Sums, penalty: float) -> float:
    """Penalty times the geometric mean of the shares; 0 without any shared token."""
    if not shared[0]:
        return 0
    weight = 1 / len(shared)
    logs = (weight * math.log((part or _EPSILON) / whole) for part, whole in zip(shared, total, strict=True))
    return penalty * math.exp(math.fsum(logs))
