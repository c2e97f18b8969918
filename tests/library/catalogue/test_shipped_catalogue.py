"""The shipped catalogue: what it covers, and that its files are in order."""

import ast
import json
import plistlib
import time
from collections import Counter
from pathlib import Path

import pytest

from workflowbench.catalogue import shipped
from workflowbench.catalogue.rendering import python_stub
from workflowbench.catalogue.shipped import builtin_catalogue, shipped_records

DATA = sorted((Path(shipped.__file__).parent / "data").glob("*.json"))
SCALARS = {"string", "boolean", "integer", "number", "date", "enum", "quantity", "url"}
STRUCTURES = {"array", "dictionary", "file", "location", "contact", "app", "any"}


@pytest.fixture(scope="module")
def corpus_identifiers(shared):
    """Identifiers of the unsigned shortcuts, with how many actions use each."""
    counts = Counter()
    for path in sorted((shared / "corpus" / "unsigned").iterdir()):
        shortcut = plistlib.loads(path.read_bytes())
        counts.update(action["WFWorkflowActionIdentifier"] for action in shortcut["WFWorkflowActions"])
    return counts


def test_every_builtin_action_of_the_corpus_is_present(corpus_identifiers):
    builtin = {name for name in corpus_identifiers if name.startswith("is.workflow.")}
    assert len(builtin) > 250
    assert builtin <= builtin_catalogue().keys()


def test_every_app_action_of_the_unsigned_corpus_is_present(corpus_identifiers):
    assert corpus_identifiers.keys() <= builtin_catalogue().keys()


def test_every_action_of_apple_is_present(shared):
    actions = plistlib.loads((shared / "data" / "WFActions.plist").read_bytes())
    assert actions.keys() <= builtin_catalogue().keys()


def test_most_of_the_published_apis_are_present(shared):
    published = json.loads((shared / "data" / "all_api2info.json").read_text(encoding="utf-8"))
    assert len(published.keys() & builtin_catalogue().keys()) > 1_000


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.stem)
def test_file_is_sorted_by_identifier_without_repetition(path):
    identifiers = [record["identifier"] for record in json.loads(path.read_text(encoding="utf-8"))]
    assert identifiers == sorted(set(identifiers))


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.stem)
def test_file_is_small_enough_to_review(path):
    assert path.stat().st_size < 2**20


def test_every_api_has_a_name_a_category_and_one_sentence():
    for api in builtin_catalogue().values():
        assert api.name, api.identifier
        assert api.category, api.identifier
        assert api.description.endswith("."), api.identifier
        assert "\n" not in api.description, api.identifier


def test_no_required_parameter_has_a_default():
    for api in builtin_catalogue().values():
        for parameter in api.parameters:
            assert not (parameter.required and parameter.default is not None), (api.identifier, parameter.key)


def test_every_enum_default_is_one_of_its_values():
    for api in builtin_catalogue().values():
        for parameter in api.parameters:
            if parameter.enum and isinstance(parameter.default, str):
                assert parameter.default in parameter.enum, (api.identifier, parameter.key)


def test_keys_of_an_api_are_unique():
    for api in builtin_catalogue().values():
        keys = [parameter.key for parameter in api.parameters]
        assert len(set(keys)) == len(keys), api.identifier


def test_lower_case_types_are_those_of_the_vocabulary():
    types = {parameter.type for api in builtin_catalogue().values() for parameter in api.parameters}
    members = {name.removeprefix("array[").removesuffix("]") for name in types}
    assert {name for name in members if name[0].islower()} <= SCALARS | STRUCTURES


def test_every_input_key_is_a_parameter():
    for api in builtin_catalogue().values():
        if api.input_key is not None:
            assert api.input_key in {parameter.key for parameter in api.parameters}, api.identifier


def test_functions_are_unique():
    assert builtin_catalogue().collisions == {}


def test_every_stub_parses():
    for api in builtin_catalogue().values():
        function = ast.parse(python_stub(api)).body[0]
        assert isinstance(function, ast.FunctionDef)
        assert function.name == api.function


def test_the_paper_counts_its_apps_by_three_parts():
    catalogue = builtin_catalogue()
    assert catalogue["is.workflow.actions.gettext"].app == "is_workflow_actions"
    assert catalogue["net.shinyfrog.bear-iOS.SFOpenNoteIntent"].app == "net_shinyfrog_bear"


def test_known_facts_of_a_common_action():
    api = builtin_catalogue()["is.workflow.actions.downloadurl"]
    method = next(parameter for parameter in api.parameters if parameter.key == "WFHTTPMethod")
    assert method.default == "GET"
    assert method.enum == ("GET", "POST", "PUT", "PATCH", "DELETE")
    assert api.output_name == "Contents of URL"
    assert api.required_keys == ("WFURL",)


def test_loading_takes_less_than_50_ms_of_processor_time():
    def load():
        start = time.process_time()
        shipped_records.__wrapped__()
        builtin_catalogue.__wrapped__()
        return time.process_time() - start

    assert min(load() for _ in range(3)) < 0.05
