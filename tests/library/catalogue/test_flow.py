"""How results flow between actions."""

import plistlib

import pytest

from workflowbench.catalogue.flow import input_key, output_name, yields_output

STORED_BY_NAME = ["conditional", "setvariable", "appendvariable", "getvalueforkey", "math", "repeat.each"]


@pytest.fixture(scope="module")
def apple_actions(shared):
    return plistlib.loads((shared / "data" / "WFActions.plist").read_bytes())


def test_input_keys_equal_those_of_apple(apple_actions):
    expected = {
        identifier: action["Input"]["ParameterKey"]
        for identifier, action in apple_actions.items()
        if action.get("Input", {}).get("ParameterKey") and action["Input"].get("Required", True)
    }
    shipped = {name: key for name in apple_actions if (key := input_key(name)) is not None}
    assert len(expected) == 166
    assert shipped == expected | {"is.workflow.actions.repeat.each": "WFInput"}


@pytest.mark.parametrize("action", STORED_BY_NAME)
def test_control_flow_takes_wfinput(action):
    assert input_key(f"is.workflow.actions.{action}") == "WFInput"


def is_output_defined_in_code(identifier):
    """Apple's file states no output for If nor for Find, Get Details and Edit, yet they have one."""
    action = identifier.removeprefix("is.workflow.actions.")
    return action == "conditional" or action.startswith(("filter.", "properties.", "setters."))


def test_outputs_equal_those_of_apple(apple_actions):
    with_output = {name for name, action in apple_actions.items() if "Output" in action}
    defined_in_code = set(filter(is_output_defined_in_code, apple_actions))
    assert {name for name in apple_actions if yields_output(name)} == with_output | defined_in_code


def test_find_actions_name_their_output():
    assert output_name("is.workflow.actions.filter.photos") == "Photos"


def test_output_names_equal_those_of_apple(apple_actions):
    named = {
        name: action["Output"]["OutputName"]
        for name, action in apple_actions.items()
        if "OutputName" in action.get("Output", {})
    }
    assert {name: output_name(name) for name in named} == named


@pytest.mark.parametrize("action", ["setvariable", "comment", "alert", "delay"])
def test_actions_without_output(action):
    assert not yields_output(f"is.workflow.actions.{action}")


def test_unknown_action_yields_an_unnamed_output_and_takes_none():
    assert yields_output("com.example.unknown.DoIntent")
    assert output_name("com.example.unknown.DoIntent") is None
    assert input_key("com.example.unknown.DoIntent") is None


def test_names_of_common_outputs():
    assert output_name("is.workflow.actions.gettext") == "Text"
    assert output_name("is.workflow.actions.getvalueforkey") == "Dictionary Value"
    assert output_name("is.workflow.actions.downloadurl") == "Contents of URL"
