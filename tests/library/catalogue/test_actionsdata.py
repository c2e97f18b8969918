"""Importing App Intents metadata."""

import json
import plistlib

import pytest

from workflowbench.catalogue.actionsdata import import_actionsdata

TEXT = {"primitive": {"wrapper": {"typeIdentifier": 0}}}
SWITCH = {"primitive": {"wrapper": {"typeIdentifier": 1}}}
STYLE = {"linkEnumeration": {"wrapper": {"identifier": "Style"}}}
NOTE = {"entity": {"wrapper": {"typeName": "NoteEntity"}}}


def words(text):
    return {"alternatives": [], "key": text}


def parameter(name, value_type, **more):
    return {"name": name, "isOptional": False, "title": words(name.title()), "valueType": value_type} | more


def default(kind, value):
    return ["LNValueTypeSpecificMetadataKeyDefaultValue", {kind: {"wrapper": value}}]


METADATA = {
    "version": 1,
    "actions": {
        "WriteNote": {
            "identifier": "WriteNote",
            "title": words("Write Note"),
            "descriptionMetadata": {
                "descriptionText": words("Writes a note."),
                "categoryName": words("Notes"),
            },
            "isDiscoverable": True,
            "parameters": [
                parameter("content", TEXT, inputConnectionBehavior=2),
                parameter("style", STYLE, typeSpecificMetadata=default("string", "plain")),
                parameter("pinned", SWITCH, typeSpecificMetadata=default("int", 1)),
                parameter("folder", NOTE, isOptional=True),
                parameter("tags", {"array": {"wrapper": {"memberValueType": TEXT}}}),
                parameter("data", {"intents": {"wrapper": {"typeIdentifier": 12}}}),
                parameter("odd", {"primitive": {"wrapper": {"typeIdentifier": 9999}}}),
                parameter("odder", {"brandNew": {"wrapper": {}}}),
            ],
            "outputType": {"array": {"wrapper": {"memberValueType": NOTE}}},
        },
        "Hide": {"title": words("HIDE_TITLE"), "parameters": []},
        "Internal": {"title": words("Internal"), "isDiscoverable": False, "parameters": []},
    },
    "entities": {},
    "enums": [{"identifier": "Style", "cases": [{"identifier": "plain"}, {"identifier": "rich"}]}],
}


@pytest.fixture
def metadata(tmp_path):
    path = tmp_path / "extract.actionsdata"
    path.write_text(json.dumps(METADATA), encoding="utf-8")
    return path


@pytest.fixture
def api(metadata):
    return import_actionsdata(metadata, "com.example.notes")["com.example.notes.WriteNote"]


@pytest.fixture
def parameters(api):
    return {parameter.key: parameter for parameter in api.parameters}


def test_texts(api):
    assert (api.name, api.category, api.description) == ("Write Note", "Notes", "Writes a note.")
    assert api.origin == "actionsdata"


def test_types(parameters):
    assert [parameter.type for parameter in parameters.values()] == [
        "string",
        "enum",
        "boolean",
        "NoteEntity",
        "array[string]",
        "file",
        "any",
        "any",
    ]


def test_enum_values_come_from_the_list_of_enums(parameters):
    assert parameters["style"].enum == ("plain", "rich")


def test_defaults_stand_in_the_metadata_of_the_type(parameters):
    assert parameters["style"].default == "plain"
    assert parameters["pinned"].default is True


def test_required_is_what_is_neither_optional_nor_has_a_default(api):
    assert api.required_keys == ("content", "tags", "data", "odd", "odder")


def test_parameter_that_connects_to_the_previous_result_is_the_input(api):
    assert api.input_key == "content"


def test_output_is_named_after_the_action(api):
    assert (api.output_name, api.output_types) == ("Write Note", ("array[NoteEntity]",))


def test_unresolved_text_is_no_text_and_no_output_is_none(metadata):
    api = import_actionsdata(metadata, "com.example.notes")["com.example.notes.Hide"]
    assert api.name == ""
    assert api.output_name is None


def test_hidden_action_is_left_out(metadata):
    assert "com.example.notes.Internal" not in import_actionsdata(metadata, "com.example.notes")


def test_array_default(tmp_path):
    elements = {"elements": [{"string": {"wrapper": "a"}}, {"string": {"wrapper": "b"}}]}
    listed = parameter("tags", {"array": {"wrapper": {"memberValueType": TEXT}}})
    listed["typeSpecificMetadata"] = ["LNValueTypeSpecificMetadataKeyDefaultValue", {"array": elements}]
    path = tmp_path / "extract.actionsdata"
    path.write_text(json.dumps({"actions": {"Tag": {"parameters": [listed]}}}), encoding="utf-8")
    (tags,) = import_actionsdata(path, "com.example")["com.example.Tag"].parameters
    assert tags.default == ["a", "b"]


def test_bundle_identifier_is_that_of_the_app_around_the_file(tmp_path):
    folder = tmp_path / "Notes.app" / "Contents" / "Resources" / "Metadata.appintents"
    folder.mkdir(parents=True)
    (folder / "extract.actionsdata").write_text(json.dumps(METADATA), encoding="utf-8")
    info = plistlib.dumps({"CFBundleIdentifier": "com.example.notes"}, fmt=plistlib.FMT_BINARY)
    (tmp_path / "Notes.app" / "Contents" / "Info.plist").write_bytes(info)
    assert "com.example.notes.WriteNote" in import_actionsdata(folder / "extract.actionsdata")


def test_file_outside_an_app_needs_a_bundle_identifier(metadata):
    with pytest.raises(ValueError, match=r"extract\.actionsdata lies in no app.*give its bundle identifier"):
        import_actionsdata(metadata)


def test_broken_info_of_the_app_is_told(metadata):
    (metadata.parent / "Info.plist").write_bytes(plistlib.dumps({}))
    with pytest.raises(
        ValueError, match=r"Info\.plist is no Info\.plist of an app.*Give the bundle identifier"
    ):
        import_actionsdata(metadata)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b"",
        b"bplist00",
        b"\xff",
        b"[]",
        b'{"actions": []}',
        b'{"actions": {"a": 1}}',
        b'{"actions": {"a": {"parameters": [{}]}}}',
    ],
)
def test_another_file_is_refused_with_a_remedy(tmp_path, content):
    path = tmp_path / "other.actionsdata"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"other\.actionsdata is no App Intents metadata.*Give the file"):
        import_actionsdata(path, "com.example")
