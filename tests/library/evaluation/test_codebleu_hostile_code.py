"""Code that is made to hang or crash a scorer."""

import time

import pytest

from workflowbench.evaluation.codebleu.cache import FeatureCache
from workflowbench.evaluation.codebleu.modes import Mode
from workflowbench.evaluation.codebleu.pair_scoring import PairScorer, ScoredPair
from workflowbench.evaluation.codebleu.pairs import Pair


def nested(head: str, depth: int) -> str:
    return "\n".join(" " * level + head for level in range(depth)) + "\n" + " " * depth + "x = x + y"


SCORED = {
    "1,200 operators": "x = " + " + ".join(["y"] * 1_200),
    "80 loops deep": nested("for x in y:", 80),
    "80 branches deep": nested("if x:", 80),
    "21,000 open brackets": "([{" * 7_000,
    "quotes": "'\"" * 10_000,
    "unclosed f-strings": "f'{" * 10_000,
    "lone surrogates": "x = '\ud800\udfff\udc00'\ny = x",
    "NUL": "x = 1\0\ny = x",
    "tabs": "if x:\n\ty = 1\n\tz = y\n",
    "carriage returns": "x = 1\ry = x\r",
    "backslashes": "\\\n" * 100_000,
    "one line of 10,000 names": "f(" + ", ".join(["x"] * 10_000) + ")",
    "many targets, many sources": ", ".join(["x"] * 1_000) + " = f(" + ", ".join(["y"] * 1_000) + ")",
    "many targets in a loop": f"while z:\n    {', '.join(['x'] * 1_000)} = f({', '.join(['y'] * 1_000)})",
}
MARKED = {
    "100,000 brackets deep": ("(" * 100_000 + "x" + ")" * 100_000, "too_deep"),
    "a long chain of assignments": (" = ".join(["x"] * 1_000), "too_deep"),
    "too long": ("x" * (4 * 2**20 + 1), "too_large"),
    "many branches, one name": ("\n".join(f"if x: y = {n}" for n in range(10_000)), "too_complex"),
}


def score_both_ways(text: str, mode: Mode) -> tuple[ScoredPair, ScoredPair]:
    scorer = PairScorer(FeatureCache(mode))
    return scorer(Pair("a", "x = y", text)), scorer(Pair("b", text, text))


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("name", SCORED)
def test_it_has_a_score_in_a_few_seconds(name: str, mode: Mode) -> None:
    started = time.process_time()
    rows = score_both_ways(SCORED[name], mode)
    assert all(row.score is not None for row in rows)
    assert time.process_time() - started < 10


@pytest.mark.parametrize("name", MARKED)
def test_beyond_a_bound_the_row_is_marked(name: str) -> None:
    text, rule = MARKED[name]
    started = time.process_time()
    rows = score_both_ways(text, Mode.STABLE)
    assert [row.score for row in rows] == [None, None]
    assert [row.note and row.note.split(":")[0] for row in rows] == [
        f"prediction {rule}",
        f"reference {rule}",
    ]
    assert time.process_time() - started < 10


def test_100_000_lines_have_a_score() -> None:
    row = PairScorer(FeatureCache(Mode.STABLE))(Pair("a", "x = y", "x = 1\n" * 100_000))
    assert row.score is not None
