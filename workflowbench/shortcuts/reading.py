"""A shortcut file, of any of the forms in which shortcuts are shared, read into its property list."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass
from typing import cast

from workflowbench.shortcuts import binary_plist, signing
from workflowbench.shortcuts.apple_archive import read_file
from workflowbench.shortcuts.binary_plist import read_binary_plist
from workflowbench.shortcuts.certificates import APPLE_ROOTS, Signer
from workflowbench.shortcuts.limits import DEFAULT_LIMITS, Limits
from workflowbench.shortcuts.rejection import RejectedShortcut
from workflowbench.shortcuts.xml_plist import read_xml_plist

__all__ = ["Limits", "RejectedShortcut", "ShortcutFile", "read_shortcut"]

WORKFLOW_PATH = "Shortcut.wflow"
ARCHIVE_OVERHEAD_BYTES = 1 << 16

FOREIGN_FORMATS = {
    b"PK\x03\x04": "a zip archive; unpack it",
    b"{": "a JSON document; export the shortcut as a file",
    b"[": "a JSON document; export the shortcut as a file",
    b"\x89PNG": "an image, perhaps the shortcut's icon",
    b"<": "a web page or another XML document; fetch the shortcut itself",
}


@dataclass(frozen=True, slots=True)
class ShortcutFile:
    """A shortcut as it was read.

    Attributes:
        workflow: The property list's root. It has the list `WFWorkflowActions`, whose items are
            dictionaries with a string `WFWorkflowActionIdentifier` and, if any, a dictionary
            `WFWorkflowActionParameters`.
        signed_by: `none`, `icloud` or `contact`; see `certificates` for what each proves.
        icloud_id: The iCloud record's 32 lower-case hexadecimal digits, of iCloud-signed files only.

    """

    workflow: dict[str, object]
    signed_by: str
    icloud_id: str | None


def read_shortcut(
    data: bytes, limits: Limits = DEFAULT_LIMITS, *, trusted_roots: frozenset[str] = APPLE_ROOTS
) -> ShortcutFile:
    """Read a shortcut: a binary or XML property list, or a signed archive of one.

    Args:
        data: The whole file.
        limits: Bounds on its size and shape.
        trusted_roots: SHA-256 fingerprints of the roots that may sign, in lower-case hexadecimal.

    Raises:
        RejectedShortcut: `empty_file`, `not_a_shortcut`, `file_too_large`; of a property list,
            `damaged_plist`, `xml_declarations`, `too_many_nodes`, `too_deep`, `not_a_workflow`; of a
            signed archive, `unsupported_archive`, `damaged_archive`, `forged_archive`,
            `archive_too_large`.

    """
    _check_size(data, limits.file_bytes)
    if not data.startswith(signing.MAGIC):
        return ShortcutFile(_workflow(data, limits), "none", None)
    plist, signer = _open_signed(data, limits, trusted_roots)
    return ShortcutFile(_workflow(plist, limits), signer.signed_by, signer.icloud_id)


def _open_signed(data: bytes, limits: Limits, trusted_roots: frozenset[str]) -> tuple[bytes, Signer]:
    opened = signing.open_signed(data, limits.plist_bytes + ARCHIVE_OVERHEAD_BYTES, trusted_roots)
    return read_file(opened.content, WORKFLOW_PATH), opened.signer


def _check_size(data: bytes, most: int) -> None:
    if len(data) > most:
        raise RejectedShortcut(
            "file_too_large",
            "the file is larger than any real shortcut; drop it",
            threshold=most,
            observed=len(data),
        )


def _workflow(data: bytes, limits: Limits) -> dict[str, object]:
    root = _property_list(data, limits)
    if not isinstance(root, dict) or not isinstance(root.get("WFWorkflowActions"), list):
        raise RejectedShortcut(
            "not_a_workflow", "the property list has no list WFWorkflowActions; drop the file"
        )
    for number, action in enumerate(root["WFWorkflowActions"]):
        if not _is_action(action):
            raise RejectedShortcut(
                "not_a_workflow", f"action {number} lacks an identifier or proper parameters; drop the file"
            )
    return cast(dict[str, object], root)


def _is_action(action: object) -> bool:
    return (
        isinstance(action, dict)
        and isinstance(action.get("WFWorkflowActionIdentifier"), str)
        and isinstance(action.get("WFWorkflowActionParameters", {}), dict)
    )


def _property_list(data: bytes, limits: Limits) -> object:
    if data.startswith(binary_plist.MAGIC):
        return read_binary_plist(data, limits)
    text = data.removeprefix(BOM_UTF8).lstrip()
    if data.startswith((BOM_UTF16_BE, BOM_UTF16_LE)) or (text.startswith(b"<") and b"<plist" in text):
        _check_size(data, limits.file_bytes)
        return read_xml_plist(text, limits)
    raise _not_a_shortcut(text)


def _not_a_shortcut(text: bytes) -> RejectedShortcut:
    if not text:
        return RejectedShortcut("empty_file", "the file is empty; fetch it again")
    for start, what in FOREIGN_FORMATS.items():
        if text.startswith(start):
            return RejectedShortcut("not_a_shortcut", what)
    return RejectedShortcut("not_a_shortcut", "neither a property list nor a signed shortcut; drop the file")
