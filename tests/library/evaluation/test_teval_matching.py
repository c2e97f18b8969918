"""Plans against annotated plans."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.evaluation.teval.encoders import Embeddings, HashEncoder
from workflowbench.evaluation.teval.matching import Mode, longest_increasing, score_plan
from workflowbench.evaluation.teval.plans import Plan, Step


def plan(*names: str, args: str = "{}") -> Plan:
    return tuple(Step(place, name, args) for place, name in enumerate(names))


def f1(predicted: Plan, gold: Plan, mode: Mode) -> float:
    return score_plan(predicted, gold, mode, Embeddings(HashEncoder())).f1


@pytest.mark.parametrize("mode", list(Mode))
def test_a_plan_matches_itself(mode: Mode) -> None:
    gold = plan("Weather.today", "Mail.send", "Notes.add")
    assert f1(gold, gold, mode) == 1.0


def test_compat_gives_one_right_step_to_nonsense() -> None:
    gold = plan("Weather.today", "Mail.send", "Notes.add")
    assert f1(plan("qqq"), gold, Mode.COMPAT) == pytest.approx(2 / 4)
    assert f1(plan("qqq"), gold, Mode.STRICT) == 0.0
    assert f1(plan("qqq"), gold, Mode.NAMES) == 0.0


def test_only_steps_in_the_right_order_count() -> None:
    gold = plan("Weather.today", "Mail.send", "Notes.add")
    for mode in Mode:
        assert f1(plan("Notes.add", "Mail.send", "Weather.today"), gold, mode) == pytest.approx(1 / 3)


def test_steps_are_sorted_by_id() -> None:
    gold = plan("Weather.today", "Mail.send")
    assert f1(gold[::-1], gold, Mode.COMPAT) == 1.0


def test_a_final_finish_does_not_count_but_an_early_one_does() -> None:
    gold = plan("Weather.today", "FinishAction")
    assert f1(plan("Weather.today"), gold, Mode.NAMES) == 1.0
    assert f1(plan("FinishAction", "Weather.today"), gold, Mode.NAMES) == pytest.approx(2 / 3)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_plan_of_nothing_but_finish_scores_nothing(mode: Mode) -> None:
    score = score_plan(plan("FinishAction"), plan("Mail.send"), mode, Embeddings(HashEncoder()))
    assert (score.f1, score.parses) == (0.0, True)


def test_an_empty_plan_scores_nothing_and_counts_as_unread() -> None:
    score = score_plan((), plan("Mail.send"), Mode.COMPAT, Embeddings(HashEncoder()))
    assert (score.f1, score.parses) == (0.0, False)


def test_other_arguments_alone_cost_a_match_only_where_they_are_quite_other() -> None:
    gold = plan("Mail.send", args="{'to': 'a person'}")
    assert f1(plan("Mail.send", args="{'to': 'a person!'}"), gold, Mode.STRICT) == 1.0
    assert f1(plan("Mail.send", args=""), gold, Mode.STRICT) == 0.0


def test_a_mode_with_similarities_needs_an_encoder() -> None:
    with pytest.raises(ValueError, match="encoder"):
        score_plan(plan("a"), plan("a"), Mode.STRICT)


@given(st.lists(st.integers(0, 6), max_size=8))
def test_the_longest_increasing_run_is_the_longest(numbers: list[int]) -> None:
    longest = max(
        size
        for size in range(len(numbers) + 1)
        for chosen in combinations(numbers, size)
        if all(first < second for first, second in pairwise(chosen))
    )
    assert longest_increasing(numbers) == longest
