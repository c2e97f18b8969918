from collections.abc import Callable
from typing import Any

import polars as pl

from workflowbench.catalogue import Catalogue
from workflowbench.generation.generating import generate
from workflowbench.generation.prompting import answer_text
from workflowbench.llm.questions import NoAnswer, Question
from workflowbench.tables import GENERATED_WORKFLOWS, GENERATED_WORKFLOWS_DROPPED

ALERT, DATE = "is.workflow.actions.alert", "is.workflow.actions.date"
Queries = Callable[..., pl.DataFrame]


def good(_: Question) -> str:
    return answer_text("1. Warn.", "is_workflow_actions_alert()")


def test_retrieval_writes_a_row_for_each_query(
    catalogue: Catalogue, seeds: pl.DataFrame, queries: Queries
) -> None:
    done = generate(queries([ALERT], [DATE, ALERT]), seeds, catalogue, annotator="retrieval")
    assert done.workflows.schema == GENERATED_WORKFLOWS.schema
    assert done.dropped.schema == GENERATED_WORKFLOWS_DROPPED.schema
    assert done.workflows["query_id"].to_list() == ["q0", "q1"]
    assert set(done.workflows["annotator"]) == {"retrieval"}
    assert done.workflows["given_apis"].to_list() == [[ALERT], [DATE, ALERT]]


def test_a_query_of_an_unknown_api_is_dropped(
    catalogue: Catalogue, seeds: pl.DataFrame, queries: Queries
) -> None:
    done = generate(queries([ALERT, "com.nobody.x"]), seeds, catalogue, annotator="retrieval")
    assert done.workflows.height == 0
    assert done.dropped.select("row_id", "rule").rows() == [("q0", "unknown_api")]


def test_a_query_of_parts_of_the_language_alone_is_dropped(
    catalogue: Catalogue, seeds: pl.DataFrame, queries: Queries
) -> None:
    done = generate(queries(["is.workflow.actions.gettext"]), seeds, catalogue, annotator="retrieval")
    assert done.dropped["rule"].to_list() == ["nothing_to_call"]


def test_a_seed_that_does_not_compile_costs_its_own_rows(
    catalogue: Catalogue, seeds: pl.DataFrame, queries: Queries
) -> None:
    broken = seeds.head(1).with_columns(code=pl.lit("while True: pass"))
    done = generate(queries([ALERT]), broken, catalogue, annotator="retrieval")
    assert done.dropped["rule"].to_list() == ["unusable_seed"]


def test_a_model_is_shown_the_nearest_seeds_and_they_are_recorded(
    catalogue: Catalogue, seeds: pl.DataFrame, queries: Queries, talking: Callable[..., Any]
) -> None:
    seed = seeds.sort("n_actions").row(10, named=True)
    model = talking(good)
    asked = queries([ALERT], query=seed["query"])
    done = generate(asked, seeds, catalogue, annotator=model, icl=2)
    (row,) = done.workflows.to_dicts()
    assert (row["task_plan"], row["code"], row["annotator"], row["prompt"]) == (
        "1. Warn.",
        "is_workflow_actions_alert()",
        "talking@1",
        "orchestration@1",
    )
    assert row["examples"][0] == seed["workflow_id"]
    assert len(row["examples"]) == 2
    assert model.asked[0].user.count("Example of a request") == 2
    assert seed["code"] in model.asked[0].user


def test_examples_give_way_to_a_limit_on_the_prompt(
    catalogue: Catalogue, seeds: pl.DataFrame, queries: Queries, talking: Callable[..., Any]
) -> None:
    model = talking(good)
    bare = talking(good)
    asked = queries([ALERT])
    generate(asked, seeds, catalogue, annotator=bare, icl=0)
    size = sum(len(text) for text in (bare.asked[0].system, bare.asked[0].user))
    done = generate(asked, seeds, catalogue, annotator=model, icl=3, most_prompt_characters=size)
    assert done.workflows["examples"].to_list() == [[]]
    assert model.asked == bare.asked


def test_a_prompt_that_is_too_long_without_examples_is_not_sent(
    catalogue: Catalogue, seeds: pl.DataFrame, queries: Queries, talking: Callable[..., Any]
) -> None:
    model = talking(good)
    done = generate(queries([ALERT]), seeds, catalogue, annotator=model, most_prompt_characters=100)
    assert model.asked == []
    (row,) = done.dropped.to_dicts()
    assert (row["rule"], row["threshold"]) == ("prompt_too_long", 100)
    assert row["observed"] > 100


def test_answers_without_a_workflow_are_dropped_with_their_reason(
    catalogue: Catalogue, seeds: pl.DataFrame, queries: Queries, talking: Callable[..., Any]
) -> None:
    answers = {
        "q0": "I cannot do that.",
        "q1": NoAnswer("q1", "over_budget", "The budget is used up."),
        "q2": good(Question("", "", "", "")),
        "q3": "```python\nx",
    }
    model = talking(lambda question: answers[question.id])
    done = generate(queries(*[[ALERT]] * 4), seeds, catalogue, annotator=model)
    assert done.workflows["query_id"].to_list() == ["q2"]
    rules = dict(done.dropped.select("row_id", "rule").iter_rows())
    assert rules == {"q0": "refused", "q1": "over_budget", "q3": "cut_off"}


def test_the_question_says_what_is_wrong_with_an_answer(
    catalogue: Catalogue, seeds: pl.DataFrame, queries: Queries, talking: Callable[..., Any]
) -> None:
    model = talking(good)
    generate(queries([ALERT]), seeds, catalogue, annotator=model)
    verify = model.asked[0].verify
    assert verify(good(model.asked[0])) is None
    assert "not closed" in verify("```python\nx")


def test_progress_is_told_for_every_query(
    catalogue: Catalogue, seeds: pl.DataFrame, queries: Queries
) -> None:
    told: list[int] = []
    generate(queries([ALERT], [DATE]), seeds, catalogue, annotator="retrieval", progress=told.append)
    assert told == [1, 1]
