"""An API as a JSON document and as a Python stub."""

import ast
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowbench.catalogue.api import Api, Parameter, function_name
from workflowbench.catalogue.rendering import api_document, python_stub

TYPES = st.sampled_from(["string", "boolean", "enum", "any", "Note", "array[string]", "array[", "date"])
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=5,
)
ANY_TEXT = st.text(st.characters(), max_size=30) | st.sampled_from(
    ['"""', '""""', "\\", "'''\n", "\x00", "class"]
)
PARAMETERS = st.builds(
    Parameter,
    key=ANY_TEXT | st.sampled_from(["WFInput", "Show-text", "from", "café"]),
    type=TYPES,
    required=st.booleans(),
    default=JSON_VALUES,
    enum=st.lists(ANY_TEXT, max_size=3).map(tuple),
    description=ANY_TEXT,
)
APIS = st.builds(
    Api,
    identifier=ANY_TEXT | st.sampled_from(["com.apple.mobiletimer-framework.x", "1.a", "import"]),
    name=ANY_TEXT,
    description=ANY_TEXT,
    parameters=st.lists(PARAMETERS, max_size=4, unique_by=lambda parameter: parameter.key).map(tuple),
    input_key=st.none() | ANY_TEXT,
    output_name=st.none() | ANY_TEXT,
    output_types=st.lists(ANY_TEXT | st.sampled_from(["NSString", "NSNumber"]), max_size=3).map(tuple),
)
any_time = settings(deadline=None)


def parsed(api):
    (function,) = ast.parse(python_stub(api)).body
    return function


@any_time
@given(APIS)
def test_every_stub_parses_to_one_function(api):
    function = parsed(api)
    assert isinstance(function, ast.FunctionDef)
    assert function.name == api.function
    assert ast.get_docstring(function)


@any_time
@given(APIS)
def test_every_parameter_is_in_the_signature_or_taken_by_others(api):
    arguments = parsed(api).args
    named = {argument.arg for argument in arguments.kwonlyargs}
    missing = [parameter.key for parameter in api.parameters if parameter.key not in named]
    assert bool(missing) == (arguments.kwarg is not None)


@any_time
@given(APIS)
def test_defaults_evaluate_to_themselves(api):
    arguments = parsed(api).args
    by_key = {parameter.key: parameter for parameter in api.parameters}
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        parameter = by_key[argument.arg]
        assert (default is None) == parameter.required
        if default is not None:
            assert ast.literal_eval(default) == parameter.default


@any_time
@given(APIS)
def test_document_names_each_parameter_once(api):
    document = api_document(api)
    listed = document["required_parameters"] + document["optional_parameters"]
    assert sorted(entry["name"] for entry in listed) == sorted(parameter.key for parameter in api.parameters)
    json.dumps(document)


@any_time
@given(ANY_TEXT)
def test_function_names_are_legal(identifier):
    name = function_name(identifier)
    assert name.isidentifier()
    assert ast.parse(f"{name} = 1")


def test_function_name_replaces_dots_and_hyphens():
    assert function_name("net.shinyfrog.bear-iOS.SFGetNote") == "net_shinyfrog_bear_iOS_SFGetNote"


def test_required_parameters_come_first():
    api = Api(
        "a.b", parameters=(Parameter("optional", "string"), Parameter("needed", "string", required=True))
    )
    assert [argument.arg for argument in parsed(api).args.kwonlyargs] == ["needed", "optional"]


def test_enum_is_a_literal_type():
    api = Api("a.b", parameters=(Parameter("mode", "enum", default="On", enum=("On", "It's\n\\off")),))
    annotation = parsed(api).args.kwonlyargs[0].annotation
    assert ast.unparse(annotation) == "Literal['On', \"It's\\n\\\\off\"]"


def test_key_that_is_no_name_is_documented_with_the_way_to_pass_it():
    api = Api("a.b", parameters=(Parameter("Show-text", "boolean", default=True),))
    assert "Show-text (boolean, pass as **{'Show-text': ...}, default True)" in python_stub(api)


def test_action_without_output_returns_none():
    api = Api("a.b")
    assert ast.unparse(parsed(api).returns) == "None"
    assert api_document(api)["return_data"] is None


def test_all_output_types_are_told():
    api = Api("a.b", output_name="Value", output_types=("NSString", "NSNumber"))
    assert ast.unparse(parsed(api).returns) == "str | float"
    assert api_document(api)["return_data"] == {"name": "Value", "types": ["NSString", "NSNumber"]}


def test_output_types_of_apps_are_those_of_parameters():
    api = Api("a.b", output_name="Values", output_types=("array[integer]",))
    assert ast.unparse(parsed(api).returns) == "list[int]"


def test_output_of_unknown_type_is_an_object():
    assert ast.unparse(parsed(Api("a.b", output_name="")).returns) == "object"


def test_document_holds_enum_and_default():
    api = Api("a.b", parameters=(Parameter("mode", "enum", default="On", enum=("On", "Off")),))
    (mode,) = api_document(api)["optional_parameters"]
    assert (mode["enum"], mode["default"]) == (["On", "Off"], "On")


@pytest.mark.parametrize(("key", "told"), [("WFInput", True), ("Other", False)])
def test_implicit_input_is_told(key, told):
    api = Api("a.b", parameters=(Parameter("WFInput", required=True),), input_key=key)
    (entry,) = api_document(api)["required_parameters"]
    assert ("the result of the action before it" in entry["description"]) == told


def test_types_that_the_input_accepts_are_told():
    api = Api(
        "a.b", parameters=(Parameter("WFInput"),), input_key="WFInput", input_types=("NSString", "NSURL")
    )
    (entry,) = api_document(api)["optional_parameters"]
    assert entry["description"].startswith("Accepts NSString, NSURL.")
