import copy
import plistlib
from base64 import b64decode, b64encode
from typing import Any

import pytest

from workflowbench.redaction.workflow import redact_workflow

KEY = "a1B2c3D4e5F6a7B8"
CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada Byron\r\nTEL:+442079460000\r\nEND:VCARD\r\n"


def workflow(**parameters: Any) -> dict[str, Any]:
    return {
        "WFWorkflowActions": [
            {
                "WFWorkflowActionIdentifier": "is.workflow.actions.gettext",
                "WFWorkflowActionParameters": parameters,
            }
        ]
    }


def redacted(**parameters: Any) -> dict[str, Any]:
    result = redact_workflow(workflow(**parameters)).workflow
    return result["WFWorkflowActions"][0]["WFWorkflowActionParameters"]  # type: ignore[no-any-return]


def token_string(string: str, **ranges: Any) -> dict[str, Any]:
    return {
        "Value": {"string": string, "attachmentsByRange": ranges},
        "WFSerializationType": "WFTextTokenString",
    }


def entry(key: Any, value: Any) -> dict[str, Any]:
    item = {"WFItemType": 0, "WFKey": key, "WFValue": value}
    return {"Value": {"WFDictionaryFieldValueItems": [item]}, "WFSerializationType": "WFDictionaryFieldValue"}


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("WFEmailAccountActionSelectedAccount", "Private mail", "<EMAIL_1>"),
        ("WFSendMessageActionRecipients", "Ada Byron", "<PERSON_1>"),
        ("WFSendMessageActionRecipients", "ada@byron.org", "<EMAIL_1>"),
        ("WFCallContact", "555 0100 22", "<PHONE_1>"),
        ("WFSSHHost", "pi.local", "<HOST_1>"),
        ("WFSSHUser", "pi", "<USER_1>"),
        ("WFSSHPassword", "raspberry", "<PASSWORD_1>"),
        ("WFStreetAddress", "1 Infinite Loop", "<ADDRESS_1>"),
        ("WFLocation", "Current Location", "Current Location"),
    ],
)
def test_parameters_that_say_what_they_hold(key: str, value: str, expected: str) -> None:
    assert redacted(**{key: value}) == {key: expected}


def test_the_same_value_has_the_same_placeholder_and_another_value_another() -> None:
    assert redacted(a="ada@byron.org", b=["bob@byron.org", "x ada@byron.org"]) == {
        "a": "<EMAIL_1>",
        "b": ["<EMAIL_2>", "x <EMAIL_1>"],
    }


def test_a_placeholder_that_is_there_already_is_not_given_to_another_value() -> None:
    assert redacted(a="<EMAIL_1>", b="ada@byron.org") == {"a": "<EMAIL_1>", "b": "<EMAIL_2>"}


def test_dictionary_keys_are_redacted() -> None:
    assert redacted(people={"ada@byron.org": 1}) == {"people": {"<EMAIL_1>": 1}}


def test_attachments_keep_their_place_in_utf_16() -> None:
    given = token_string(
        "🙂 ada@byron.org \ufffc bob@byron.org \ufffc",
        **{"{17, 1}": {"Type": "Ask"}, "{33, 1}": {"Type": "Input"}},
    )
    value = redacted(WFTextActionText=given)["WFTextActionText"]["Value"]
    units = value["string"].encode("utf-16-le")
    assert value["string"] == "🙂 <EMAIL_1> \ufffc <EMAIL_2> \ufffc"
    offsets = [int(span[1:].split(",")[0]) for span in value["attachmentsByRange"]]
    assert [units[2 * at : 2 * at + 2].decode("utf-16-le") for at in offsets] == ["\ufffc", "\ufffc"]
    assert [item["Type"] for item in value["attachmentsByRange"].values()] == ["Ask", "Input"]


def test_authorization_header_keeps_its_scheme_and_its_attachments() -> None:
    header = entry("Authorization", token_string(f"Bearer {KEY}\ufffc", **{"{23, 1}": {"Type": "Ask"}}))
    value = redacted(WFHTTPHeaders=header)["WFHTTPHeaders"]["Value"]["WFDictionaryFieldValueItems"][0][
        "WFValue"
    ]
    assert value == token_string("Bearer <KEY_1>\ufffc", **{"{14, 1}": {"Type": "Ask"}})


def test_a_hint_under_a_secret_name_is_kept() -> None:
    assert redacted(WFItems=entry("api_key", "YOUR_API_KEY_1")) == {
        "WFItems": entry("api_key", "YOUR_API_KEY_1")
    }


def test_a_secret_is_replaced_wherever_else_it_stands() -> None:
    assert redacted(WFItems=entry("api_key", KEY), a=f"see {KEY}")["a"] == "see <KEY_1>"


def test_import_question_that_asks_for_a_key() -> None:
    given = workflow(a=1)
    given["WFWorkflowImportQuestions"] = [
        {"ParameterKey": "WFTextActionText", "Text": "What is your API key?", "DefaultValue": KEY}
    ]
    assert redact_workflow(given).workflow["WFWorkflowImportQuestions"][0]["DefaultValue"] == "<KEY_1>"


def test_base64_of_a_text_is_redacted_inside() -> None:
    hidden = b64encode(b"Please write to ada@byron.org, soon.").decode()
    assert b64decode(redacted(a=hidden)["a"]) == b"Please write to <EMAIL_1>, soon."


def test_contact_card_is_replaced_as_a_whole() -> None:
    card = redacted(WFContactFieldValue={"link.contentkit.contact": CARD})["WFContactFieldValue"]
    assert card == {
        "link.contentkit.contact": b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:<PERSON_1>\r\nEND:VCARD\r\n"
    }


def test_place_loses_its_address_and_coordinates() -> None:
    place = {
        "placemark": {"location": {"latitude": 48.1, "longitude": 11.5}, "addressDictionary": {"City": "X1"}}
    }
    assert redacted(WFLocation=place)["WFLocation"]["placemark"] == {
        "location": {"latitude": "<LOCATION_1>", "longitude": "<LOCATION_2>"},
        "addressDictionary": {"City": "<ADDRESS_1>"},
    }


def test_a_variable_where_a_person_is_expected_is_kept() -> None:
    variable = {
        "Value": {"Type": "Variable", "VariableName": "Ada"},
        "WFSerializationType": "WFTextTokenAttachment",
    }
    assert redacted(WFCallContact=variable) == {"WFCallContact": variable}


def test_the_given_workflow_is_not_changed() -> None:
    given = workflow(a={"ada@byron.org": ["bob@byron.org"]}, WFSSHHost="h")
    kept = copy.deepcopy(given)
    redact_workflow(given)
    assert given == kept


def test_counts_distinct_values_and_shows_none() -> None:
    result = redact_workflow(workflow(a="ada@byron.org", b="ada@byron.org bob@byron.org", WFSSHHost="pi"))
    assert result.counts == {"EMAIL": 2, "HOST": 1}
    assert repr(result) == "Redaction(counts={'EMAIL': 2, 'HOST': 1})"


def test_nothing_to_redact_gives_the_same_object() -> None:
    given = workflow(a="Hello", b=["2024-01-31 10:00", "icon@2x.png", 5])
    assert redact_workflow(given).workflow is given


@pytest.mark.parametrize("length", [100, 108, 300])
def test_a_key_in_an_archive_or_in_utf_16_is_replaced_with_its_bytes(length: int) -> None:
    key = "sk-ant-api03-" + "a1B2" * (length // 4)
    archive = plistlib.dumps({"x": key[:length]}, fmt=plistlib.FMT_BINARY)
    for data in (archive, key.encode("utf-16"), key.encode("utf-16-be")):
        assert redacted(WFData=data) == {"WFData": b"<DATA_1>"}
