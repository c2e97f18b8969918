"""Shared shortcuts on iCloud: their links, their records, and the files that a record names.

A record is read from `https://www.icloud.com/shortcuts/api/records/<id>`, without an account. It names its
sharer (`userRecordName`, `deviceID`) and gives file addresses with tokens that live an hour: neither is ever
stored, shown or logged.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from workflowbench.collection.errors import SourceError

_LINK = re.compile(
    r"(?:r?https?://)?(?:www\.)?icloud\.com/shortcuts/(?:api/records/)?([^/?#\s]+)/?(?:[?#].*)?",
    re.IGNORECASE,
)
_ID = re.compile(r"[0-9a-f]{32}")
FILE_NAME = "shortcut"


class ICloudError(SourceError):
    """A link or record that gives no shortcut.

    Attributes:
        rule: Of links `no_link`, `app_store_link`, `workflow_is_link`, `foreign_link`, `malformed_id`; of
            records `not_a_record`, `wrong_record`, `withdrawn`, `no_file`; of files `wrong_size`,
            `expired_file`, `wrong_signer`, `files_differ`.

    """

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of a record: its size in bytes, Apple's checksum, and its address, which holds tokens."""

    size: int
    checksum: str
    url: str = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Record:
    """A shared shortcut.

    Attributes:
        icloud_id: 32 lower-case hexadecimal digits.
        name: Title of the shortcut at its sharing; may be empty.
        change_tag: Changes whenever the record does.
        shortcut: The unsigned property list; missing where only a signed file is offered.
        signed: The signed archive; missing before iOS 15.

    """

    icloud_id: str
    name: str
    change_tag: str
    shortcut: Asset | None
    signed: Asset | None


def icloud_id(link: str | None) -> str:
    """Give the id that a link names, in any form in which links are met.

    Raises:
        ICloudError: `no_link`, `app_store_link`, `workflow_is_link`, `foreign_link` or `malformed_id`.

    """
    text = (link or "").strip()
    if not text:
        raise ICloudError("no_link", "There is no link.")
    match = _LINK.fullmatch(text)
    if not match:
        raise _other_link(text)
    identifier = match[1].replace("-", "").lower()
    if not _ID.fullmatch(identifier):
        raise ICloudError(
            "malformed_id", "The link's id is not 32 hexadecimal digits; look for another link."
        )
    return identifier


def canonical_link(identifier: str) -> str:
    """Write the public address of a shared shortcut."""
    return f"https://www.icloud.com/shortcuts/{identifier}"


def _other_link(text: str) -> ICloudError:
    lowered = text.lower()
    if re.match(r"https?://(apps|itunes)\.apple\.com/", lowered):
        return ICloudError("app_store_link", "The link leads to an app in the App Store.")
    if re.match(r"(https?://)?(www\.)?workflow\.is/", lowered):
        return ICloudError("workflow_is_link", "The link is of Workflow, which closed; look for a newer one.")
    return ICloudError("foreign_link", "The link is none of iCloud's for a shared shortcut.")


def parse_record(body: bytes, identifier: str) -> Record:
    """Read a record.

    Raises:
        ICloudError: `not_a_record`, `wrong_record` (another id), `withdrawn` or `no_file`.

    """
    record = _json_object(body)
    fields, name_in_answer = record.get("fields"), record.get("recordName")
    if record.get("deleted") is True:
        raise ICloudError("withdrawn", "The record says that its shortcut was deleted.")
    if not isinstance(fields, dict) or not isinstance(name_in_answer, str):
        raise ICloudError("not_a_record", "The answer is no record of a shared shortcut.")
    if name_in_answer.replace("-", "").lower() != identifier:
        raise ICloudError("wrong_record", "The answer is the record of another shortcut.")
    shortcut, signed = _asset(fields, "shortcut"), _asset(fields, "signedShortcut")
    if shortcut is None and signed is None:
        raise ICloudError("no_file", "The record offers no file of the shortcut.")
    name, tag = _value(fields, "name"), record.get("recordChangeTag")
    return Record(
        identifier,
        name if isinstance(name, str) else "",
        tag if isinstance(tag, str) else "",
        shortcut,
        signed,
    )


def stored_record(record: Record) -> bytes:
    """Write a record in the shape it came in, without its sharer and its file addresses."""
    fields: dict[str, object] = {"name": {"type": "STRING", "value": record.name}}
    for name, asset in (("shortcut", record.shortcut), ("signedShortcut", record.signed)):
        if asset:
            value = {"downloadURL": "", "size": asset.size, "fileChecksum": asset.checksum}
            fields[name] = {"type": "ASSETID", "value": value}
    return orjson.dumps(
        {"recordName": record.icloud_id, "recordChangeTag": record.change_tag, "fields": fields}
    )


def asset_url(asset: Asset) -> str:
    """Complete the address of a file: the server leaves its name open, as the literal `${f}`."""
    return asset.url.replace("${f}", FILE_NAME)


def _json_object(body: bytes) -> Mapping[str, object]:
    try:
        record = orjson.loads(body)
    except orjson.JSONDecodeError:
        record = None
    if not isinstance(record, dict):
        raise ICloudError("not_a_record", "The answer is no JSON object.")
    return record


def _value(fields: Mapping[str, object], name: str) -> object:
    entry = fields.get(name)
    return entry.get("value") if isinstance(entry, dict) else None


def _asset(fields: Mapping[str, object], name: str) -> Asset | None:
    match _value(fields, name):
        case {"downloadURL": str(url), "size": int(size), **rest} if size > 0:
            checksum = rest.get("fileChecksum")
            return Asset(size, checksum if isinstance(checksum, str) else "", url)
    return None
