"""Whatever the content of a file, an importer returns a catalogue or refuses it with a clear error."""

import json
import plistlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflowbench.catalogue.actionsdata import import_actionsdata
from workflowbench.catalogue.collection import Catalogue
from workflowbench.catalogue.intentdefinition import import_intentdefinition
from workflowbench.catalogue.wfactions import import_wfactions

ACTION_KEYS = [
    "Name",
    "ActionClass",
    "Parameters",
    "Input",
    "Output",
    "Key",
    "Class",
    "Items",
    "RequiredResources",
]
INTENT_KEYS = ["INIntents", "INEnums", "INEnumName", "INIntentName", "INIntentParameters", "INIntentResponse"]
METADATA_KEYS = [
    "actions",
    "enums",
    "parameters",
    "name",
    "valueType",
    "array",
    "wrapper",
    "title",
    "outputType",
]


def documents(keys):
    """Nested documents that use the keys of a format in the wrong and in the right places."""
    values = st.booleans() | st.integers(0, 9) | st.sampled_from(["", "a", "WFSwitchParameter"])
    names = st.sampled_from(keys)
    nested = st.recursive(
        values,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=4),
        max_leaves=12,
    )
    return st.dictionaries(names, nested, max_size=3)


def assert_read_or_refused(importer, path):
    try:
        outcome = importer(path)
    except ValueError as error:
        outcome = str(error)
    assert isinstance(outcome, Catalogue) or str(path) in outcome


reuse_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@reuse_folder
@given(documents(ACTION_KEYS))
def test_wfactions(tmp_path, document):
    path = tmp_path / "file"
    path.write_bytes(plistlib.dumps(document))
    assert_read_or_refused(import_wfactions, path)


@reuse_folder
@given(documents(INTENT_KEYS))
def test_intentdefinition(tmp_path, document):
    path = tmp_path / "file"
    path.write_bytes(plistlib.dumps(document))
    assert_read_or_refused(lambda file: import_intentdefinition(file, "com.example"), path)


@reuse_folder
@given(documents(METADATA_KEYS))
def test_actionsdata(tmp_path, document):
    path = tmp_path / "file"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert_read_or_refused(lambda file: import_actionsdata(file, "com.example"), path)


@pytest.mark.parametrize("importer", [import_wfactions, import_actionsdata, import_intentdefinition])
def test_missing_file_is_told_as_such(tmp_path, importer):
    (tmp_path / "Info.plist").write_bytes(plistlib.dumps({"CFBundleIdentifier": "com.example"}))
    with pytest.raises(FileNotFoundError):
        importer(tmp_path / "missing")
