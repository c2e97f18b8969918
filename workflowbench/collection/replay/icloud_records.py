"""iCloud records in the recorded shape, written by us: a sharer and tokens that must never be kept."""

import json
from typing import Any

SHARER = "_c0ffee00000000000000000000000000"
DEVICE = "00000000-AAAA-4BBB-8CCC-000000000001"


def identifier(number: int) -> str:
    """A made-up iCloud id, 32 hexadecimal digits."""
    return f"{number:032x}"


def asset(url: str, payload: bytes, size: int | None = None) -> dict[str, Any]:
    """A file of a record; `size` overrides its true size."""
    given = len(payload) if size is None else size
    return {"type": "ASSETID", "value": {"downloadURL": url, "size": given, "fileChecksum": "AbCd"}}


def record(
    number: int,
    files_root: str,
    *,
    unsigned: bytes | None = None,
    signed: bytes | None = None,
    size: int | None = None,
    tag: str = "tag1",
    name: str = "Boil Tea",
    **changes: Any,
) -> bytes:
    """The record of a shared shortcut whose files lie below `files_root`; `changes` replace its entries."""
    hexadecimal = identifier(number).upper()
    parts = (hexadecimal[:8], hexadecimal[8:12], hexadecimal[12:16], hexadecimal[16:20], hexadecimal[20:])
    fields: dict[str, Any] = {
        "name": {"type": "STRING", "value": name},
        "icon_color": {"type": "NUMBER_INT64", "value": -1},
    }
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
