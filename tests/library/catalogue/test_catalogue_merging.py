"""Catalogues as mappings, and how two are brought together."""

import logging

import pytest

from workflowbench.catalogue.api import Api, Parameter
from workflowbench.catalogue.collection import Catalogue, Contradiction


def merged(ours, theirs):
    return Catalogue([ours]).merged(Catalogue([theirs]))[ours.identifier]


def test_identifiers_are_in_order():
    assert list(Catalogue([Api("b"), Api("a")])) == ["a", "b"]


def test_get_of_an_unknown_identifier_is_none():
    assert Catalogue([Api("a")]).get("b") is None


def test_identifier_twice_is_an_error():
    with pytest.raises(ValueError, match="occurs twice"):
        Catalogue([Api("a"), Api("a")])


def test_api_by_function():
    catalogue = Catalogue([Api("com.example.do-it")])
    assert catalogue.by_function["com_example_do_it"].identifier == "com.example.do-it"


def test_functions_that_collide_are_reported():
    catalogue = Catalogue([Api("a.b"), Api("a-b"), Api("c")])
    assert catalogue.collisions == {"a_b": ("a-b", "a.b")}
    assert catalogue.by_function["a_b"].identifier == "a-b"


def test_api_that_only_one_knows_is_taken_whole():
    assert list(Catalogue([Api("a")]).merged(Catalogue([Api("b")]))) == ["a", "b"]


def test_gaps_are_filled():
    ours = Api("a", name="A", parameters=(Parameter("key", required=True),))
    theirs = Api(
        "a", name="B", description="Does it.", parameters=(Parameter("key", "string", description="Key."),)
    )
    filled = merged(ours, theirs)
    assert (filled.name, filled.description) == ("A", "Does it.")
    assert filled.parameters == (Parameter("key", "string", required=True, description="Key."),)


def test_parameters_that_only_the_other_knows_follow():
    ours, theirs = (
        Api("a", parameters=(Parameter("x"),)),
        Api("a", parameters=(Parameter("y"), Parameter("x"))),
    )
    assert [parameter.key for parameter in merged(ours, theirs).parameters] == ["x", "y"]


def test_default_that_is_filled_in_makes_a_parameter_optional():
    ours = Api("a", parameters=(Parameter("x", required=True),))
    assert merged(ours, Api("a", parameters=(Parameter("x", default=0),))).required_keys == ()


def test_false_and_zero_are_facts():
    ours = Api("a", parameters=(Parameter("x", default=False), Parameter("y", default=0)))
    theirs = Api("a", parameters=(Parameter("x", default=True), Parameter("y", default=1)))
    assert [parameter.default for parameter in merged(ours, theirs).parameters] == [False, 0]


def test_no_output_is_a_fact_and_no_gap():
    assert merged(Api("a"), Api("a", output_name="", origin="observed")).output_name is None


def test_unnamed_output_gets_the_name():
    assert merged(Api("a", output_name=""), Api("a", output_name="Result")).output_name == "Result"


def test_observed_api_gives_way_to_a_documented_one():
    observed = Api("a", parameters=(Parameter("x", "string"),), output_name="", origin="observed")
    documented = Api("a", name="A", parameters=(Parameter("x", "enum", required=True, enum=("b",)),))
    assert merged(observed, documented) == documented


def test_contradictions_are_listed():
    ours = Catalogue([Api("a", output_name="A", parameters=(Parameter("x", "string"),))])
    theirs = Catalogue([Api("a", parameters=(Parameter("x", "integer"),), origin="wfactions")])
    assert ours.contradictions(theirs) == (
        Contradiction("a", None, "output_name", "A", None),
        Contradiction("a", "x", "type", "string", "integer"),
    )


def test_contradictions_are_logged_and_the_first_fact_stays(caplog):
    ours, theirs = Api("a", input_key="x"), Api("a", input_key="y")
    with caplog.at_level(logging.WARNING):
        assert merged(ours, theirs).input_key == "x"
    assert "a : kept input_key 'x', not 'y'" in caplog.text


def test_observed_facts_contradict_nothing():
    ours = Catalogue([Api("a", parameters=(Parameter("x", "string"),))])
    theirs = Catalogue([Api("a", parameters=(Parameter("x", "integer"),), origin="observed")])
    assert ours.contradictions(theirs) == ()


def test_order_of_an_enum_is_no_fact():
    ours = Catalogue([Api("a", parameters=(Parameter("x", "enum", enum=("b", "c")),))])
    theirs = Catalogue([Api("a", parameters=(Parameter("x", "enum", enum=("c", "b")),))])
    assert ours.contradictions(theirs) == ()
