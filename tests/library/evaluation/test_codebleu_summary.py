"""The figures of a scored set."""

import pytest

from workflowbench.evaluation.codebleu.cache import FeatureCache
from workflowbench.evaluation.codebleu.modes import Mode
from workflowbench.evaluation.codebleu.pair_scoring import PairScorer, ScoredPair
from workflowbench.evaluation.codebleu.pairs import Pair
from workflowbench.evaluation.codebleu.summary import summarise

PROGRAMS = ["x = f(y)\nz = x", "x = f(y)", "pass", "if x:\n    y = g(x)"]


def rows(mode: Mode) -> list[ScoredPair]:
    scorer = PairScorer(FeatureCache(mode))
    return [scorer(Pair(str(number), PROGRAMS[0], text)) for number, text in enumerate(PROGRAMS)]


def figures(mode: Mode) -> dict[str, float]:
    return {figure.name: figure.value for figure in summarise(rows(mode), mode)}


def test_the_three_ways_to_average_differ() -> None:
    found = figures(Mode.STABLE)
    scores = [row.score.codebleu for row in rows(Mode.STABLE) if row.score]
    assert found["mean_codebleu"] == pytest.approx(sum(scores) / len(scores))
    parts = [found[f"mean_{part}"] for part in ("ngram", "weighted_ngram", "syntax", "dataflow")]
    assert found["codebleu_from_means"] == pytest.approx(
        sum(part * weight for part, weight in zip(parts, (0.1, 0.1, 0.4, 0.4), strict=True))
    )
    assert (
        len({round(found[name], 6) for name in ("mean_codebleu", "codebleu_from_means", "corpus_codebleu")})
        == 3
    )


def test_intervals_hold_the_figure_and_are_the_same_on_every_run_and_order() -> None:
    found = summarise(rows(Mode.STABLE), Mode.STABLE)
    assert all(figure.low <= figure.value <= figure.high for figure in found)
    assert summarise(rows(Mode.STABLE)[::-1], Mode.STABLE) == found


def test_pairs_without_flow_are_left_out_of_its_mean_in_fixed() -> None:
    scorer = PairScorer(FeatureCache(Mode.FIXED))
    scored = [scorer(Pair("a", "pass", "pass")), scorer(Pair("b", PROGRAMS[0], PROGRAMS[0]))]
    found = {figure.name: figure.value for figure in summarise(scored, Mode.FIXED)}
    assert found["mean_dataflow"] == 1


def test_marked_rows_alone_have_no_figures() -> None:
    with pytest.raises(ValueError, match="no pair"):
        summarise([ScoredPair("a", False, False, note="too_deep: ...")], Mode.STABLE)
