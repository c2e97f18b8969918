"""Secrets and personal data of our own invention, and shortcuts with them in every place a text can stand."""

import plistlib
from base64 import b64encode, encodebytes
from typing import Any

BY_FORM = {
    "EMAIL": "ada.lovelace@byron-mail.org",
    "PHONE": "+442079460958",
    "AWS": "AKIA" + "QYLPMN5HHHFPZAM2",
    "OPENAI": "sk-proj-" + "a1B2c3D4" * 6,
    "GITHUB": "ghp_" + "a1B2c3D4e5F6" * 3,
    "IP": "81.2.69.160",
}
"""Values that are known by their form, wherever they stand."""
BY_PLACE = {
    "header": "h1dden-Header-9f2c",
    "password": "s3cret-Passw0rd",
    "asked": "asked-f0r-key-7781",
    "person": "Ada Byron-Lovelace",
    "host": "pi.lovelace-home.net",
    "address": "12 Saint James Square",
    "author": "Grace B. Hopper",
}
"""Values that are known by where they stand; from there, they are looked for everywhere else."""
LOCATION = (51.507351, -0.127758)
EVERYTHING = "Note: " + " | ".join([*BY_FORM.values(), *BY_PLACE.values()]) + " | end"


def action(name: str, **parameters: Any) -> dict[str, Any]:
    identifier = name if "." in name else f"is.workflow.actions.{name}"
    return {"WFWorkflowActionIdentifier": identifier, "WFWorkflowActionParameters": parameters}


def token_string(text: str) -> dict[str, Any]:
    """A text with the clipboard before, between and after it."""
    string = f"\ufffc{text}\ufffc{text}\ufffc"
    units = [0, 1 + len(text), 2 + 2 * len(text)]
    ranges = {f"{{{at}, 1}}": {"Type": "Clipboard"} for at in units}
    return {
        "Value": {"string": string, "attachmentsByRange": ranges},
        "WFSerializationType": "WFTextTokenString",
    }


def fields(**entries: str) -> dict[str, Any]:
    items = [
        {"WFItemType": 0, "WFKey": token_string_of(key.replace("_", "-")), "WFValue": token_string_of(value)}
        for key, value in entries.items()
    ]
    return {
        "Value": {"WFDictionaryFieldValueItems": items},
        "WFSerializationType": "WFDictionaryFieldValue",
    }


def token_string_of(text: str) -> dict[str, Any]:
    return {"Value": {"string": text}, "WFSerializationType": "WFTextTokenString"}


def telling_places() -> list[dict[str, Any]]:
    """Actions that hold each value of `BY_PLACE` in the place that gives it away."""
    place = {"placemark": {"location": dict(zip(("latitude", "longitude"), LOCATION, strict=True))}}
    return [
        action("comment", WFCommentActionText=f"Made by {BY_PLACE['author']}"),
        action("downloadurl", WFHTTPHeaders=fields(Authorization=f"Bearer {BY_PLACE['header']}")),
        action("runsshscript", WFSSHHost=BY_PLACE["host"], WFSSHPassword=BY_PLACE["password"]),
        action("sendmessage", WFSendMessageActionRecipients=BY_PLACE["person"]),
        action("addnewreminder", WFAlertLocation=BY_PLACE["address"]),
        action("weather.currentconditions", WFLocation=place),
    ]


PLACES: dict[str, list[dict[str, Any]]] = {
    "a parameter": [action("showresult", Text=EVERYTHING)],
    "a token string": [action("showresult", Text=token_string(EVERYTHING))],
    "a Text action": [action("gettext", WFTextActionText=EVERYTHING)],
    "a nested value": [action("com.example.do", deep={"list": [{"inner": [EVERYTHING, {"x": EVERYTHING}]}]})],
    "a key of a parameter": [action("com.example.do", **{EVERYTHING: 1})],
    "a key of a dictionary": [action("dictionary", WFItems=fields(**{EVERYTHING.replace("_", " "): "x"}))],
    "a value of a dictionary": [action("dictionary", WFItems=fields(name=EVERYTHING))],
    "base64": [action("gettext", WFTextActionText=b64encode(EVERYTHING.encode()).decode())],
    "wrapped base64": [action("gettext", WFTextActionText=encodebytes(EVERYTHING.encode() * 3).decode())],
    "base64 in base64": [
        action("gettext", WFTextActionText=b64encode(b64encode(EVERYTHING.encode())).decode())
    ],
    "bytes": [action("com.example.do", data=EVERYTHING.encode())],
    "bytes that are no text": [action("com.example.do", data=b"\0\1\xff" + EVERYTHING.encode())],
    "an address": [action("url", WFURLActionURL="https://example.net/?q=" + EVERYTHING.replace(" ", "+"))],
    "a URL of a user": [action("url", WFURLActionURL=f"https://ada:{BY_PLACE['password']}@example.net/")],
    "a comment": [action("comment", WFCommentActionText=EVERYTHING)],
    "a menu": [
        action("choosefrommenu", WFControlFlowMode=0, GroupingIdentifier="G", WFMenuItems=[EVERYTHING]),
        action("choosefrommenu", WFControlFlowMode=1, GroupingIdentifier="G", WFMenuItemTitle=EVERYTHING),
        action("choosefrommenu", WFControlFlowMode=2, GroupingIdentifier="G"),
    ],
    "a condition": [
        action(
            "conditional", WFControlFlowMode=0, GroupingIdentifier="G", WFConditionalActionString=EVERYTHING
        ),
        action("conditional", WFControlFlowMode=2, GroupingIdentifier="G"),
    ],
    "a variable": [
        action("setvariable", WFVariableName=EVERYTHING),
        action("getvariable", WFVariable={"Value": {"Type": "Variable", "VariableName": EVERYTHING}}),
    ],
    "the name of a result": [
        action("gettext", WFTextActionText="x", CustomOutputName=EVERYTHING, UUID="A-1"),
        action(
            "showresult",
            Text={
                "Value": {"Type": "ActionOutput", "OutputUUID": "A-1", "OutputName": EVERYTHING},
                "WFSerializationType": "WFTextTokenAttachment",
            },
        ),
    ],
    "an action identifier": [action(f"com.example.{BY_FORM['AWS']}.do", x=1)],
    "a serialisation type": [
        action(
            "com.example.do", x={"WFSerializationType": BY_FORM["OPENAI"], "Value": {"Type": BY_FORM["AWS"]}}
        )
    ],
}
"""Actions with values in one place each, by the name of the place."""


def shortcut(place: str) -> bytes:
    """A shortcut that holds every value in one place, and the telling places beside it."""
    question = {
        "ParameterKey": "WFTextActionText",
        "Text": "What is your API key?",
        "DefaultValue": BY_PLACE["asked"],
        "ActionIndex": 0,
    }
    return plistlib.dumps(
        {
            "WFWorkflowActions": [*telling_places(), *PLACES[place]],
            "WFWorkflowImportQuestions": [question],
            "WFWorkflowName": EVERYTHING,
        },
        fmt=plistlib.FMT_BINARY,
    )
