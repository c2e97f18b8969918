"""The PLAN split itself: what known plans score on it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from workflowbench.evaluation.answer_files import IdMismatchError
from workflowbench.evaluation.teval.asking import ask_plans
from workflowbench.evaluation.teval.encoders import EncoderError, HashEncoder, load_encoder
from workflowbench.evaluation.teval.matching import Mode
from workflowbench.evaluation.teval.plans import Form, PlanDataError, PlanQuery, read_queries, scored_steps
from workflowbench.evaluation.teval.scoring import NotComparableError, score_answers
from workflowbench.llm.questions import Answer, NoAnswer, Question

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def queries(shared: Path) -> list[PlanQuery]:
    return read_queries(shared / "data" / "teval", Form.JSON)


def gold(query: PlanQuery) -> Rows:
    return [{"name": step.name, "args": step.args} for step in scored_steps(query.gold)]


def answers(queries: list[PlanQuery], write: Callable[[PlanQuery], Rows]) -> Mapping[str, str]:
    numbered = {
        query.query_id: [{"id": i, **step} for i, step in enumerate(write(query))] for query in queries
    }
    return {query_id: json.dumps(steps) for query_id, steps in numbered.items()}


def test_the_split_has_553_queries_in_both_forms(shared: Path, queries: list[PlanQuery]) -> None:
    lines = read_queries(shared / "data" / "teval", Form.STR)
    assert [query.query_id for query in lines] == [query.query_id for query in queries]
    assert len(queries) == 553


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        (gold, 100.0),
        (lambda query: gold(query)[:-1] or gold(query), 84.3),
        (lambda query: gold(query)[::-1], 36.9),
        (lambda query: [{**step, "args": "{}"} for step in gold(query)], 100.0),
        (lambda query: [{"name": api, "args": "{}"} for api in query.apis], 59.0),
        (lambda query: [{"name": "nothing", "args": "{}"}], 0.0),
    ],
    ids=["gold", "last step dropped", "reversed", "arguments emptied", "each API once", "nonsense"],
)
def test_probes_score_what_exact_names_say(
    queries: list[PlanQuery], probe: Callable[[PlanQuery], Rows], expected: float
) -> None:
    result = score_answers(answers(queries, probe), queries, Mode.NAMES)
    assert 100 * result.figures.f1.value == pytest.approx(expected, abs=0.05)


def test_nonsense_scores_41_2_under_the_protocol_whatever_the_encoder(queries: list[PlanQuery]) -> None:
    nonsense = answers(queries, lambda query: [{"name": "nothing", "args": "{}"}])
    result = score_answers(nonsense, queries, Mode.COMPAT, HashEncoder())
    assert 100 * result.figures.f1.value == pytest.approx(41.2, abs=0.05)
    assert 100 * result.constant.value == pytest.approx(41.2, abs=0.05)


def test_random_apis_reach_about_half_by_exact_names(queries: list[PlanQuery]) -> None:
    result = score_answers(answers(queries, gold), queries, Mode.NAMES)
    assert 100 * result.random.value == pytest.approx(53.8, abs=1.5)


def test_an_answer_that_is_no_plan_scores_0_and_is_counted(queries: list[PlanQuery]) -> None:
    given = {**answers(queries, gold), queries[0].query_id: "I cannot do that."}
    result = score_answers(given, queries, Mode.NAMES)
    assert result.scores[queries[0].query_id].f1 == 0.0
    assert result.figures.parse_rate.value == pytest.approx(552 / 553)


def test_published_figures_are_refused_beside_another_encoder(queries: list[PlanQuery]) -> None:
    result = score_answers(answers(queries, gold), queries, Mode.COMPAT, HashEncoder())
    assert result.encoder == "hash-trigrams"
    with pytest.raises(NotComparableError, match="all-mpnet-base-v2"):
        result.beside_published()


def test_a_missing_and_an_unknown_answer_are_named(queries: list[PlanQuery]) -> None:
    given = {**answers(queries[1:], gold), "query_x": "[]"}
    with pytest.raises(IdMismatchError, match=rf"1 missing: {queries[0].query_id}; 1 unknown: query_x"):
        score_answers(given, queries, Mode.NAMES)


def test_a_folder_without_the_split_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PlanDataError, match="plan_json"):
        read_queries(tmp_path, Form.JSON)


def test_a_damaged_query_is_named(tmp_path: Path) -> None:
    (tmp_path / "plan_json_v1.json").write_text('{"q1": {"meta": {}}}')
    with pytest.raises(PlanDataError, match="q1"):
        read_queries(tmp_path, Form.JSON)


def test_a_model_is_asked_with_the_prompts_of_the_data(queries: list[PlanQuery]) -> None:
    class Planner:
        name = "planner@1"

        def ask(self, questions: Any) -> Any:
            for question in questions:
                asked.append(question)
                found = len(asked) % 2
                yield (
                    Answer(question.id, "[]", "[]", self.name)
                    if found
                    else NoAnswer(question.id, "refused", "No.")
                )

    asked: list[Question] = []
    assert ask_plans(queries[:2], Planner()) == {queries[0].query_id: "[]", queries[1].query_id: ""}
    assert asked[0].user == queries[0].user
    assert (asked[0].max_tokens, asked[0].temperature) == (512, 0.0)


@pytest.mark.parametrize(("name", "needs"), [("mpnet", "directory"), ("other", "mpnet, minilm or hash")])
def test_an_encoder_that_cannot_be_loaded_says_what_it_needs(name: str, needs: str) -> None:
    with pytest.raises(EncoderError, match=needs):
        load_encoder(name)


def test_another_model_is_not_taken_for_the_protocols_own(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(EncoderError, match="no mpnet"):
        load_encoder("mpnet", tmp_path)
