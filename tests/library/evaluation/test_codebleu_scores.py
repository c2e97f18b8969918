"""What a score means."""

import re

import pytest
from codebleu_programs import NAMES, programs, score_texts, texts
from hypothesis import given, settings

from workflowbench.evaluation.codebleu.features import extract_features
from workflowbench.evaluation.codebleu.matches import match
from workflowbench.evaluation.codebleu.modes import Mode
from workflowbench.evaluation.codebleu.ngrams import KEYWORDS
from workflowbench.evaluation.codebleu.scoring import corpus_score

PROGRAM = "x = load()\nif x > 1:\n    y = x + 1\nelse:\n    y = 0\nfor i in range(y):\n    print(i, x)"


@pytest.mark.parametrize("mode", [Mode.STABLE, Mode.FIXED])
@settings(max_examples=60, deadline=None)
@given(program=programs)
def test_syntax_and_flow_do_not_depend_on_names(mode: Mode, program: str) -> None:
    new = dict(zip(NAMES, ("delta2", "a", "longer_name", "b"), strict=True))
    renamed = re.sub("|".join(NAMES), lambda match: new[match[0]], program)
    before, after = extract_features(program, mode), extract_features(renamed, mode)
    assert after.subtrees == before.subtrees
    assert after.flows == before.flows


@settings(max_examples=60, deadline=None)
@given(programs)
def test_an_identical_program_has_the_full_score(program: str) -> None:
    assert score_texts(program, program, Mode.FIXED).codebleu == 1


@pytest.mark.parametrize("mode", list(Mode))
@settings(max_examples=150, deadline=None)
@given(reference=texts, prediction=texts)
def test_any_two_texts_have_a_score_from_0_to_1(mode: Mode, reference: str, prediction: str) -> None:
    score = score_texts(reference, prediction, mode)
    parts = [score.ngram, score.weighted_ngram, score.syntax, score.dataflow, score.codebleu]
    assert all(0 <= part <= 1 for part in parts if part is not None)


@pytest.mark.parametrize(("mode", "value"), [(Mode.COMPAT, 0.4), (Mode.STABLE, 0.4), (Mode.FIXED, 0)])
def test_an_empty_prediction_scores_nothing_only_in_fixed(mode: Mode, value: float) -> None:
    assert score_texts(PROGRAM, "", mode).codebleu == value


def test_a_reference_without_flow_leaves_its_weight_to_the_other_parts_in_fixed() -> None:
    score = score_texts("pass", "pass", Mode.FIXED)
    assert score.dataflow is None
    assert score.codebleu == 1


def test_repeated_subtrees_match_as_often_as_the_prediction_has_them_in_fixed() -> None:
    many, one = "f(1)\n" * 9 + "g", "f(1)\ng"
    assert score_texts(many, one, Mode.STABLE).syntax > 0.9
    assert score_texts(many, one, Mode.FIXED).syntax < 0.2


def test_a_short_prediction_is_penalised_in_the_weighted_part_in_fixed() -> None:
    short = "\n".join(PROGRAM.split("\n")[:2])
    score = score_texts(PROGRAM, short, Mode.FIXED)
    assert score.weighted_ngram == pytest.approx(score.ngram, rel=0.2)
    assert score.weighted_ngram < 0.5


def test_keywords_are_those_of_the_package() -> None:
    assert len(KEYWORDS) == 38


def test_tokens_with_equal_buffers_are_not_equal() -> None:
    assert score_texts("},", "\u2c7d", Mode.STABLE).ngram == 0


def test_a_corpus_scores_by_sums_not_by_means() -> None:
    pairs = [(PROGRAM, PROGRAM), ("pass", "x = y")]
    matches = [match(*(extract_features(t, Mode.STABLE) for t in pair), Mode.STABLE) for pair in pairs]
    corpus = corpus_score(matches, Mode.STABLE)
    mean = sum(score_texts(*pair, Mode.STABLE).syntax for pair in pairs) / 2
    assert corpus.syntax != mean
    assert corpus.syntax == sum(m.subtrees for m in matches) / sum(m.n_subtrees for m in matches)


def test_no_pair_has_no_score() -> None:
    with pytest.raises(ValueError, match="no pair"):
        corpus_score([], Mode.STABLE)
