"""Importing SiriKit intent definitions."""

import plistlib

import pytest

from workflowbench.catalogue.intentdefinition import import_intentdefinition


def parameter(name, kind, **more):
    keys = {f"INIntentParameter{key}": value for key, value in more.items()}
    return {"INIntentParameterName": name, "INIntentParameterType": kind} | keys


FAST = {"INIntentParameterMetadataDefaultValue": "fast"}
OF_MODE = {"INIntentParameterRelationshipParentName": "mode"}
DEFINITION = {
    "INEnums": [
        {
            "INEnumName": "Mode",
            "INEnumValues": [
                {"INEnumValueName": "unknown"},
                {"INEnumValueName": "fast", "INEnumValueIndex": 1},
                {"INEnumValueName": "slow", "INEnumValueIndex": 2},
            ],
        }
    ],
    "INIntents": [
        {
            "INIntentName": "PlaySound",
            "INIntentClassPrefix": "EX",
            "INIntentTitle": "Play Sound",
            "INIntentDescription": "Plays a\nsound.",
            "INIntentCategory": "play",
            "INIntentInput": "sound",
            "INIntentParameters": [
                parameter("sound", "Object", ObjectType="Sound", DisplayName="Sound"),
                parameter(
                    "mode",
                    "Integer",
                    EnumType="Mode",
                    Metadata=FAST,
                ),
                parameter("loud", "Boolean"),
                parameter("files", "File", SupportsMultipleValues=True),
                parameter("speed", "Decimal", Relationship=OF_MODE),
            ],
            "INIntentResponse": {
                "INIntentResponseOutput": "played",
                "INIntentResponseParameters": [
                    {"INIntentResponseParameterName": "message", "INIntentResponseParameterType": "String"},
                    {
                        "INIntentResponseParameterName": "played",
                        "INIntentResponseParameterDisplayName": "Played Sound",
                        "INIntentResponseParameterType": "Object",
                        "INIntentResponseParameterObjectType": "Sound",
                    },
                ],
            },
        },
        {"INIntentName": "StopIntent", "INIntentTitle": "Stop", "INIntentResponse": {}},
    ],
}


@pytest.fixture
def catalogue(tmp_path):
    path = tmp_path / "Intents.intentdefinition"
    path.write_bytes(plistlib.dumps(DEFINITION))
    return import_intentdefinition(path, "com.example")


@pytest.fixture
def api(catalogue):
    return catalogue["com.example.EXPlaySoundIntent"]


def test_identifier_ends_in_intent_once(catalogue):
    assert list(catalogue) == ["com.example.EXPlaySoundIntent", "com.example.StopIntent"]


def test_texts(api):
    assert (api.name, api.category, api.description) == ("Play Sound", "play", "Plays a sound.")
    assert api.origin == "intentdefinition"


def test_types(api):
    assert [parameter.type for parameter in api.parameters] == [
        "Sound",
        "enum",
        "boolean",
        "array[file]",
        "number",
    ]


def test_enum_leaves_out_the_case_for_a_value_that_is_not_set(api):
    assert api.parameters[1].enum == ("fast", "slow")


def test_default(api):
    assert api.parameters[1].default == "fast"


def test_required_is_what_has_no_default_and_depends_on_nothing(api):
    assert api.required_keys == ("sound", "files")


def test_input_and_output(api):
    assert api.input_key == "sound"
    assert (api.output_name, api.output_types) == ("Played Sound", ("Sound",))


def test_intent_without_output(catalogue):
    assert catalogue["com.example.StopIntent"].output_name is None


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"<plist><dict>", plistlib.dumps({"INIntents": {}}), plistlib.dumps({"INIntents": [{}]})],
)
def test_another_file_is_refused_with_a_remedy(tmp_path, content):
    path = tmp_path / "other.intentdefinition"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"other\.intentdefinition is no intent definition.*Give an"):
        import_intentdefinition(path, "com.example")
