"""Shortcut files of every form: what is read, and the reason for what is not."""

import plistlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.shortcuts.limits import DEFAULT_LIMITS
from workflowbench.shortcuts.reading import Limits, RejectedShortcut, ShortcutFile, read_shortcut

ACTION = {"WFWorkflowActionIdentifier": "is.workflow.actions.gettext", "WFWorkflowActionParameters": {"a": 1}}
WORKFLOW = {"WFWorkflowActions": [ACTION, {"WFWorkflowActionIdentifier": "is.workflow.actions.exit"}]}
XML = plistlib.dumps(WORKFLOW, fmt=plistlib.FMT_XML)
BINARY = plistlib.dumps(WORKFLOW, fmt=plistlib.FMT_BINARY)


def rejection(data: bytes, limits: Limits = DEFAULT_LIMITS) -> RejectedShortcut:
    with pytest.raises(RejectedShortcut) as caught:
        read_shortcut(data, limits)
    return caught.value


@pytest.mark.parametrize(
    "data",
    [
        BINARY,
        XML,
        b"\xef\xbb\xbf \n" + XML,
        b"\n\t " + XML,
        XML.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        XML.replace(b"gettext", b"get\x00\x1ftext"),
        XML[XML.index(b"<plist") :],
    ],
    ids=["binary", "xml", "mark-and-blanks", "blanks", "utf-16", "control-characters", "no-declaration"],
)
def test_an_unsigned_shortcut_is_read(data: bytes) -> None:
    assert read_shortcut(data) == ShortcutFile(WORKFLOW, "none", None)


@pytest.mark.parametrize(
    ("reason", "data"),
    [
        ("empty_file", b""),
        ("empty_file", b"\xef\xbb\xbf\r\n "),
        ("not_a_shortcut", b'{"WFWorkflowActions": []}'),
        ("not_a_shortcut", b"<!DOCTYPE html><html><body>Not found</body></html>"),
        ("not_a_shortcut", b"PK\x03\x04" + bytes(30)),
        ("not_a_shortcut", b"https://www.icloud.com/shortcuts/0123456789abcdef0123456789abcdef"),
        ("not_a_shortcut", b"bplist17" + bytes(40)),
        ("damaged_plist", b"bplist00"),
        ("damaged_plist", XML[:-20]),
        ("damaged_plist", b"\xff\xfe<"),
        ("damaged_plist", BINARY.decode("latin-1").encode()),
        ("damaged_archive", b"AEA1"),
        ("damaged_archive", b"AEA1" + bytes(400)),
        ("unsupported_archive", b"AEA1\x01" + bytes(400)),
    ],
)
def test_a_file_that_is_no_shortcut_is_named(reason: str, data: bytes) -> None:
    assert rejection(data).reason == reason


@pytest.mark.parametrize(
    "root",
    [
        [],
        "WFWorkflowActions",
        {},
        {"WFWorkflowActions": {}},
        {"WFWorkflowActions": ["is.workflow.actions.exit"]},
        {"WFWorkflowActions": [{}]},
        {"WFWorkflowActions": [{"WFWorkflowActionIdentifier": 1}]},
        {"WFWorkflowActions": [ACTION, {**ACTION, "WFWorkflowActionParameters": []}]},
    ],
)
def test_a_property_list_that_is_no_workflow_is_refused(root: object) -> None:
    assert rejection(plistlib.dumps(root, fmt=plistlib.FMT_BINARY)).reason == "not_a_workflow"


def test_a_workflow_without_actions_is_read() -> None:
    data = plistlib.dumps({"WFWorkflowActions": []}, fmt=plistlib.FMT_BINARY)
    assert read_shortcut(data).workflow == {"WFWorkflowActions": []}


def test_a_file_over_the_limit_tells_limit_and_size() -> None:
    found = rejection(BINARY, Limits(file_bytes=100))
    assert (found.reason, found.threshold, found.observed) == ("file_too_large", 100, len(BINARY))


def test_a_rejection_says_what_to_do() -> None:
    assert str(rejection(b"")) == "empty_file: the file is empty; fetch it again"


@given(st.sampled_from([b"", b"AEA1", b"AEA1\0\0\0\0", b"bplist00", b"<plist>", b"\xff\xfe"]), st.binary())
def test_any_bytes_are_refused_and_nothing_else_happens(start: bytes, rest: bytes) -> None:
    assert rejection(start + rest).reason


def test_every_real_shortcut_is_read(shared: Path) -> None:
    files = [*(shared / "corpus/unsigned").iterdir(), *(shared / "corpus/signed").iterdir()]
    assert len(files) > 300
    assert all(read_shortcut(path.read_bytes()).workflow["WFWorkflowActions"] for path in files)


def test_a_real_shortcut_with_control_characters_is_read(shared: Path) -> None:
    for name in ("0001*", "0002*"):
        (path,) = (shared / "corpus/broken").glob(name)
        assert read_shortcut(path.read_bytes()).workflow["WFWorkflowActions"]


def test_a_real_binary_file_that_was_saved_as_text_is_refused(shared: Path) -> None:
    (path,) = (shared / "corpus/broken").glob("0003*")
    assert rejection(path.read_bytes()).reason == "damaged_plist"
