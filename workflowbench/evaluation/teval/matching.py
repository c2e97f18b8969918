"""Matching a plan with the annotated one: how many steps are right, and in the right order."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import networkx as nx

from workflowbench.evaluation.teval.encoders import Embeddings, Similarities
from workflowbench.evaluation.teval.plans import Plan, scored_steps

NAME_WEIGHT = 0.75
ARGS_WEIGHT = 0.25
THRESHOLD = 0.8
"""Two steps can match if their similarity is greater."""


class Mode(StrEnum):
    """What counts as a right step.

    `compat` is the protocol to the letter: steps are matched by maximum weight, whatever their order, then
    the longest increasing run counts, and a plan without any match counts one right step. `strict` is the
    same without that gift: no match is zero. `names` asks no encoder: the longest common subsequence of
    the names.
    """

    COMPAT = "compat"
    STRICT = "strict"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class PlanScore:
    """Precision, recall and F1 of a plan, from 0 to 1, and whether its answer could be read as one."""

    precision: float
    recall: float
    f1: float
    parses: bool


_NOTHING_RIGHT = PlanScore(0.0, 0.0, 0.0, parses=True)


def score_plan(predicted: Plan, gold: Plan, mode: Mode, embeddings: Embeddings | None = None) -> PlanScore:
    """Score a plan.

    A plan of nothing but `FinishAction`, on which the protocol's own program fails, scores 0.

    Args:
        predicted: The plan of a model; empty if its answer could not be read.
        gold: The annotated plan.
        mode: What counts as a right step.
        embeddings: Vectors of the texts; `names` needs none.

    Raises:
        ValueError: The mode needs embeddings.

    """
    if not predicted or not gold:
        return PlanScore(0.0, 0.0, 0.0, parses=False)
    steps, wanted = scored_steps(predicted), scored_steps(gold)
    if not steps or not wanted:
        return _NOTHING_RIGHT
    n_right = _right_steps(steps, wanted, mode, embeddings)
    if not n_right:
        return _NOTHING_RIGHT
    precision, recall = n_right / len(steps), n_right / len(wanted)
    return PlanScore(precision, recall, 2 * precision * recall / (precision + recall), parses=True)


def _right_steps(steps: Plan, wanted: Plan, mode: Mode, embeddings: Embeddings | None) -> int:
    if mode is Mode.NAMES:
        return _common_names([step.name for step in steps], [step.name for step in wanted])
    if embeddings is None:
        raise ValueError(f"the mode {mode} needs an encoder")
    matched = matching(similarities(steps, wanted, embeddings))
    n_right = longest_increasing([matched[step] for step in sorted(matched)])
    return max(n_right, 1) if mode is Mode.COMPAT else n_right


def similarities(steps: Plan, wanted: Plan, embeddings: Embeddings) -> Similarities:
    """Similarity of each step with each wanted one: three quarters name, one quarter arguments."""
    names = embeddings.cosines([step.name for step in steps], [step.name for step in wanted])
    args = embeddings.cosines([step.args for step in steps], [step.args for step in wanted])
    return NAME_WEIGHT * names + ARGS_WEIGHT * args


def matching(similarity: Similarities) -> dict[int, int]:
    """Wanted step by step, so that the sum of similarities above the threshold is greatest.

    Which of several equally good matchings is found depends on the order of nodes and edges, which is the
    protocol's.
    """
    graph = nx.Graph()
    for step, row in enumerate(similarity):
        for wanted, value in enumerate(row):
            if value > THRESHOLD:
                graph.add_edge(step, str(wanted), weight=float(value))
    pairs = (pair if isinstance(pair[0], int) else pair[::-1] for pair in nx.max_weight_matching(graph))
    return {step: int(wanted) for step, wanted in pairs}


def longest_increasing(numbers: Sequence[int]) -> int:
    """Length of the longest strictly increasing subsequence."""
    ends: list[int] = []
    for number in numbers:
        place = bisect_left(ends, number)
        ends[place : place + 1] = [number]
    return len(ends)


def _common_names(names: Sequence[str], wanted: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    lengths = [0] * (len(wanted) + 1)
    for name in names:
        before = 0
        for place, other in enumerate(wanted, start=1):
            above = lengths[place]
            lengths[place] = before + 1 if name == other else max(above, lengths[place - 1])
            before = above
    return lengths[-1]
