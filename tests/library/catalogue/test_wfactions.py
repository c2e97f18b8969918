"""Importing Apple's definition file of the built-in actions."""

import plistlib

import pytest

from workflowbench.catalogue.shipped import builtin_catalogue
from workflowbench.catalogue.wfactions import import_wfactions

DEFINITION = {
    "is.workflow.actions.example": {
        "ActionClass": "WFExampleAction",
        "Name": "Example",
        "Category": "Scripting",
        "Subcategory": "Lists",
        "Description": {"DescriptionSummary": "An example\nof two lines."},
        "Input": {"ParameterKey": "WFInput", "Required": True, "Types": ["NSString"]},
        "Output": {"OutputName": "Result", "Types": ["NSString", "NSNumber"]},
        "Parameters": [
            {"Class": "WFVariablePickerParameter", "Key": "WFInput", "Placeholder": "Anything"},
            {"Class": "WFEnumerationParameter", "Key": "Mode", "Items": ["On", "Off"], "DefaultValue": "Off"},
            {
                "Class": "WFNumberFieldParameter",
                "Key": "Count",
                "Label": "Count",
                "RequiredResources": [
                    {
                        "WFResourceClass": "WFParameterRelationResource",
                        "WFParameterKey": "Mode",
                        "WFParameterValue": "Off",
                        "WFParameterRelation": "!=",
                    }
                ],
            },
            {"Class": "WFSwitchParameter", "Key": "Loud"},
        ],
    },
    "is.workflow.actions.old": {
        "ActionClass": "WFOldAction",
        "Discontinued": True,
        "Input": {"ParameterKey": "WFFile", "Required": False, "Types": []},
        "Parameters": [{"Class": "WFFilePickerParameter", "Key": "WFFile"}],
    },
}


@pytest.fixture
def catalogue(tmp_path):
    path = tmp_path / "WFActions.plist"
    path.write_bytes(plistlib.dumps(DEFINITION, fmt=plistlib.FMT_BINARY))
    return import_wfactions(path)


@pytest.fixture
def parameters(catalogue):
    return {parameter.key: parameter for parameter in catalogue["is.workflow.actions.example"].parameters}


def test_texts_are_apple_s_own_on_one_line(catalogue):
    api = catalogue["is.workflow.actions.example"]
    assert (api.name, api.category, api.origin) == ("Example", "Lists", "wfactions")
    assert api.description == "An example of two lines."


def test_placeholder_is_no_default_and_makes_nothing_optional(parameters):
    assert parameters["WFInput"].required
    assert parameters["WFInput"].default is None


def test_enum_values_and_default(parameters):
    assert parameters["Mode"].enum == ("On", "Off")
    assert (parameters["Mode"].type, parameters["Mode"].default) == ("enum", "Off")
    assert not parameters["Mode"].required


def test_conditional_parameter_is_optional_and_says_when_it_applies(parameters):
    assert not parameters["Count"].required
    assert parameters["Count"].description == "Count. Applies when Mode is not Off."


def test_switch_is_optional(parameters):
    assert not parameters["Loud"].required


def test_input_and_output(catalogue):
    api = catalogue["is.workflow.actions.example"]
    assert (api.input_key, api.input_types) == ("WFInput", ("NSString",))
    assert (api.output_name, api.output_types) == ("Result", ("NSString", "NSNumber"))


def test_optional_input_takes_no_previous_output(catalogue):
    api = catalogue["is.workflow.actions.old"]
    assert api.input_key is None
    assert api.required_keys == ()


def test_action_without_output(catalogue):
    assert catalogue["is.workflow.actions.old"].output_name is None


def test_whole_file_of_apple(shared):
    catalogue = import_wfactions(shared / "data" / "WFActions.plist")
    assert len(catalogue) == 385
    assert sum(api.input_key is not None for api in catalogue.values()) == 166


def test_find_actions_have_an_output_though_the_file_states_none(shared):
    catalogue = import_wfactions(shared / "data" / "WFActions.plist")
    assert catalogue["is.workflow.actions.filter.photos"].output_name == ""
    assert catalogue["is.workflow.actions.setvariable"].output_name is None


def test_shipped_facts_agree_with_those_of_apple(shared):
    assert builtin_catalogue().contradictions(import_wfactions(shared / "data" / "WFActions.plist")) == ()


def test_intent_parameters_get_the_keys_of_shortcut_files(shared):
    catalogue = import_wfactions(shared / "data" / "WFActions.plist")
    (case,) = catalogue["is.workflow.actions.text.changecase"].parameters
    assert case.key == "WFCaseType"
    assert "UPPERCASE" in case.enum


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a list",
        b"<plist><dict/>",
        plistlib.dumps({}),
        plistlib.dumps([1]),
        plistlib.dumps({"a": {"Name": "b"}}),
    ],
)
def test_another_file_is_refused_with_a_remedy(tmp_path, content):
    path = tmp_path / "other.plist"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"other\.plist is no WFActions\.plist.*Give the file"):
        import_wfactions(path)
