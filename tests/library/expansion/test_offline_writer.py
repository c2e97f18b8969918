import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowbench.catalogue import Api, Catalogue, builtin_catalogue
from workflowbench.categories import CATEGORIES
from workflowbench.expansion.api_names import ApiNames
from workflowbench.expansion.api_pools import is_usable
from workflowbench.expansion.clauses import bare_form, clause_of, distinct_clauses
from workflowbench.expansion.offline_writer import _TOPICS, in_order_of_use, write_query
from workflowbench.expansion.query_rules import fault_of, unreflected

USABLE = [api for api in builtin_catalogue().values() if is_usable(api)]
NAMES = ApiNames(USABLE)


@pytest.mark.parametrize(
    ("verb", "bare"),
    [
        ("turns", "turn"),
        ("switches", "switch"),
        ("copies", "copy"),
        ("closes", "close"),
        ("replaces", "replace"),
        ("passes", "pass"),
        ("mixes", "mix"),
        ("does", "do"),
        ("has", "have"),
    ],
)
def test_bare_form(verb: str, bare: str) -> None:
    assert bare_form(verb) == bare


@pytest.mark.parametrize(
    ("description", "clause"),
    [
        ("Turns Wi-Fi on or off, or toggles it.", "turn Wi-Fi on or off, or toggle it"),
        ("Moves, flags or tags a draft.", "move, flag or tag a draft"),
        ("Lets the person pick files or folders.", "let me pick files or folders"),
        ("Shows an alert; it waits for OK.", "show an alert"),
        ("Makes a PDF from its input, e.g. from images.", "make a PDF from the previous result"),
        ("Returns a file as the crow flies.", "return a file as the crow flies"),
        ("Add a row to a table.", "add a row to a table"),
        ("Pauses the shortcut until the person comes back.", "pause the workflow until I come back"),
    ],
)
def test_a_description_becomes_a_clause(description: str, clause: str) -> None:
    assert clause_of(Api("a.b.c", description=description)) == clause


def test_every_documented_api_has_a_clause() -> None:
    assert [api.identifier for api in USABLE if len(clause_of(api).split()) < 2] == []


def test_equal_clauses_are_told_apart_by_the_title() -> None:
    apis = [Api(f"a.b.{title}", title, description="Opens a note.") for title in ("Show Note", "Open Page")]
    assert distinct_clauses(apis) == ["open a note (show Note)", "open a note (open Page)"]


def test_there_is_a_topic_for_every_category() -> None:
    assert set(_TOPICS) == set(CATEGORIES)


@settings(max_examples=150, deadline=None)
@given(
    st.sets(st.integers(0, len(USABLE) - 1), min_size=2, max_size=30),
    st.sampled_from(CATEGORIES),
    st.integers(0, 2**32),
)
def test_a_query_keeps_every_rule_and_tells_every_clause(numbers: set[int], category: str, seed: int) -> None:
    apis = [USABLE[number] for number in sorted(numbers)]
    query = write_query(category, apis, random.Random(seed))
    assert fault_of(query, apis, NAMES) is None
    assert all(clause in query for clause in distinct_clauses(apis))
    assert query.endswith(("?", "."))
    assert not set("{}\n") & set(query)


def test_a_request_without_one_of_its_clauses_is_noticed(catalogue: Catalogue) -> None:
    apis = [catalogue[f"is.workflow.actions.{name}"] for name in ("wifi.set", "alert")]
    query = write_query("Travel", apis, random.Random(1))
    assert unreflected(query.replace(clause_of(apis[0]), "go on"), apis) == [apis[0]]


def test_equal_draws_write_equal_queries() -> None:
    written = {write_query("Books", USABLE[:6], random.Random(5)) for _ in range(3)}
    assert len(written) == 1


def test_different_draws_write_different_queries() -> None:
    written = {write_query("Books", USABLE[:6], random.Random(number)) for number in range(20)}
    assert len(written) > 10


def test_sources_come_first_and_effects_last(catalogue: Catalogue) -> None:
    effect, middle, source = (
        catalogue[f"is.workflow.actions.{name}"] for name in ("notification", "base64encode", "date")
    )
    assert in_order_of_use([effect, middle, source]) == [source, middle, effect]
