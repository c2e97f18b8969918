"""iCloud records in the recorded shape, written for these tests: sharer, tokens and all."""

import json
import plistlib

from signed_archives import icloud_identity, shortcut_content, sign

SHARER = "_c0ffee00000000000000000000000000"
DEVICE = "00000000-AAAA-4BBB-8CCC-000000000001"


def identifier(number):
    return f"{number:032x}"


def workflow(text="tea"):
    action = {
        "WFWorkflowActionIdentifier": "is.workflow.actions.comment",
        "WFWorkflowActionParameters": {"WFCommentActionText": text},
    }
    return {"WFWorkflowActions": [action]}


def plist(text="tea"):
    return plistlib.dumps(workflow(text), fmt=plistlib.FMT_BINARY)


def signed(number, text="tea"):
    return sign(shortcut_content(workflow(text)), icloud_identity(identifier(number)))


def roots(number):
    return icloud_identity(identifier(number)).roots


def asset(url, payload, size=None):
    given = len(payload) if size is None else size
    return {"type": "ASSETID", "value": {"downloadURL": url, "size": given, "fileChecksum": "AbCd"}}


def record(
    number, files_root, *, unsigned=None, signed=None, size=None, tag="tag1", name="Boil Tea", **changes
):
    hexadecimal = identifier(number).upper()
    parts = (hexadecimal[:8], hexadecimal[8:12], hexadecimal[12:16], hexadecimal[16:20], hexadecimal[20:])
    fields = {"name": {"type": "STRING", "value": name}, "icon_color": {"type": "NUMBER_INT64", "value": -1}}
    if unsigned is not None:
        url = f"{files_root}/B/{number}/${{f}}?o=TOKEN&e=1"
        fields["shortcut"] = asset(url, unsigned, size)
    if signed is not None:
        fields["signedShortcut"] = asset(f"{files_root}/S/{number}/${{f}}?o=TOKEN&e=1", signed)
    document = {
        "recordName": "-".join(parts),
        "recordType": "SharedShortcut",
        "recordChangeTag": tag,
        "deleted": False,
        "created": {"timestamp": 1, "userRecordName": SHARER, "deviceID": DEVICE},
        "fields": fields,
    }
    return json.dumps({**document, **changes}).encode()
