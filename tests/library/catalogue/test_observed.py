"""APIs as they are seen in collected workflows."""

import plistlib
from datetime import datetime

import pytest

from workflowbench.catalogue import Api, Catalogue, Parameter
from workflowbench.catalogue.observed import OBSERVED, observed_apis

VARIABLE = {"WFSerializationType": "WFTextTokenAttachment", "Value": {"Type": "Clipboard"}}
TEXT = {"WFSerializationType": "WFTextTokenString", "Value": {"string": "a"}}


def observed_type(*values):
    catalogue = observed_apis(("com.example.Do", {"key": value}) for value in values)
    (parameter,) = catalogue["com.example.Do"].parameters
    return parameter.type


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "boolean"),
        (1, "integer"),
        (1.5, "number"),
        ("a", "string"),
        (b"a", "file"),
        (datetime(2026, 1, 1), "date"),
        ([1], "array"),
        ({"a": 1}, "dictionary"),
        (TEXT, "string"),
        (VARIABLE, "any"),
        ({"WFSerializationType": "WFSomethingNew"}, "any"),
    ],
)
def test_type_of_one_value(value, kind):
    assert observed_type(value) == kind


def test_variable_says_nothing_about_the_type():
    assert observed_type("a", VARIABLE, TEXT) == "string"


def test_whole_and_decimal_numbers_are_numbers():
    assert observed_type(1, 1.5) == "number"


def test_values_of_different_types_are_any():
    assert observed_type("a", 1) == "any"


def test_nothing_is_required_and_no_enum_is_inferred():
    api = observed_apis([("com.example.Do", {"mode": "fast"}), ("com.example.Do", {"mode": "slow"})])[
        "com.example.Do"
    ]
    assert api.required_keys == ()
    assert api.parameters[0].enum == ()
    assert api.parameters[0].default is None


@pytest.mark.parametrize(
    "key", ["UUID", "GroupingIdentifier", "WFControlFlowMode", "CustomOutputName", "AppIntentDescriptor"]
)
def test_key_that_shortcuts_itself_adds_is_no_parameter(key):
    assert observed_apis([("com.example.Do", {key: "A"})])["com.example.Do"].parameters == ()


def test_origin_is_observed_and_the_output_is_unnamed():
    api = observed_apis([("com.example.Do", {})])["com.example.Do"]
    assert (api.origin, api.output_name) == ("observed", "")


def test_whole_corpus(shared):
    shortcuts = [
        plistlib.loads(path.read_bytes()) for path in sorted((shared / "corpus" / "unsigned").iterdir())
    ]
    calls = [
        (action["WFWorkflowActionIdentifier"], action.get("WFWorkflowActionParameters", {}))
        for shortcut in shortcuts
        for action in shortcut["WFWorkflowActions"]
    ]
    catalogue = observed_apis(calls)
    assert set(catalogue) == {identifier for identifier, _ in calls}


def test_apis_and_parameters_are_marked_as_observed():
    api = observed_apis([("com.example.Do", {"key": 1})])["com.example.Do"]
    assert (api.name, api.description, api.parameters[0].description) == ("Do", OBSERVED, OBSERVED)


def test_documented_parameters_stay_and_observed_ones_are_added():
    documented = Api("com.example.Do", parameters=(Parameter("known", "any"),))
    merged = Catalogue([documented]).merged(observed_apis([("com.example.Do", {"known": 1, "new": "a"})]))
    assert merged["com.example.Do"].parameters == (
        Parameter("known", "any"),
        Parameter("new", "string", description=OBSERVED),
    )
