"""Signed shortcuts: what is accepted, and that every forgery and fault is refused."""

import contextlib
import hashlib
import plistlib
import struct
from pathlib import Path

import lzfse
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed_archives import (
    ICLOUD_ID,
    WORKFLOW,
    apple_archive,
    contact_identity,
    icloud_identity,
    shortcut_content,
    sign,
)

from workflowbench.shortcuts.apple_archive import read_file
from workflowbench.shortcuts.lzfse_bounds import MatchBudget, check_lzfse
from workflowbench.shortcuts.murmur import murmur64a
from workflowbench.shortcuts.reading import RejectedShortcut, ShortcutFile, read_shortcut

PLIST = plistlib.dumps(WORKFLOW, fmt=plistlib.FMT_BINARY)


def read(data: bytes) -> ShortcutFile:
    return read_shortcut(data, trusted_roots=icloud_identity().roots)


def reason(data: bytes) -> str:
    with pytest.raises(RejectedShortcut) as caught:
        read(data)
    return caught.value.reason


@pytest.fixture(scope="module")
def signed() -> bytes:
    return sign(shortcut_content(), icloud_identity())


def test_an_icloud_signed_shortcut_tells_its_record(signed: bytes) -> None:
    assert read(signed) == ShortcutFile(WORKFLOW, "icloud", ICLOUD_ID)


def test_an_icloud_id_is_given_in_lower_case() -> None:
    identity = icloud_identity(ICLOUD_ID.upper())
    file = read_shortcut(sign(shortcut_content(), identity), trusted_roots=identity.roots)
    assert file.icloud_id == ICLOUD_ID


def test_a_contact_signed_shortcut_tells_no_record() -> None:
    assert read(sign(shortcut_content(), contact_identity())) == ShortcutFile(WORKFLOW, "contact", None)


def test_only_apples_root_is_trusted_by_default(signed: bytes) -> None:
    with pytest.raises(RejectedShortcut, match="unknown root"):
        read_shortcut(signed)


@pytest.mark.parametrize(
    "faults",
    [
        {"authority_issues": False},
        {"is_for_signing": False},
        {"issuer_holds_key": False},
        {"name": "Somebody"},
    ],
    ids=lambda faults: next(iter(faults)),
)
def test_a_chain_that_proves_nothing_is_refused(faults: dict) -> None:
    identity = icloud_identity(**faults)
    with pytest.raises(RejectedShortcut) as caught:
        read_shortcut(sign(shortcut_content(), identity), trusted_roots=identity.roots)
    assert caught.value.reason == "forged_archive"


def test_a_signing_key_that_the_apple_id_did_not_sign_is_refused() -> None:
    assert reason(sign(shortcut_content(), contact_identity(apple_id_signs=False))) == "forged_archive"


def test_a_signature_by_another_key_is_refused(signed: bytes) -> None:
    other = sign(shortcut_content(), contact_identity())
    place = 12 + len(icloud_identity().auth_data)
    place_in_other = 12 + len(contact_identity().auth_data)
    swapped = signed[:place] + other[place_in_other : place_in_other + 128] + signed[place + 128 :]
    assert reason(swapped) == "forged_archive"


def test_flipping_any_byte_of_an_archive_is_noticed(signed: bytes) -> None:
    for place in range(len(signed)):
        flipped = bytearray(signed)
        flipped[place] ^= 1 << place % 8
        with pytest.raises(RejectedShortcut):
            read(bytes(flipped))


def test_truncating_an_archive_at_any_byte_is_noticed(signed: bytes) -> None:
    for size in range(len(signed)):
        with pytest.raises(RejectedShortcut):
            read(signed[:size])


def test_bytes_after_an_archive_are_noticed(signed: bytes) -> None:
    assert reason(signed + b"\0") == "damaged_archive"


@pytest.mark.parametrize("checksum", [0, 1, 2])
@pytest.mark.parametrize("compression", [b"-", b"e"])
def test_content_of_many_segments_and_clusters_is_read(compression: bytes, checksum: int) -> None:
    action = {
        "WFWorkflowActionIdentifier": "is.workflow.actions.gettext",
        "WFWorkflowActionParameters": {"WFTextActionText": "".join(map(str, range(20_000)))},
    }
    workflow = {"WFWorkflowActions": [action]}
    data = sign(
        shortcut_content(workflow),
        icloud_identity(),
        compression=compression,
        compress=lzfse.compress if compression == b"e" else bytes,
        checksum=checksum,
        segment_size=1 << 14,
        per_cluster=2,
    )
    assert read(data).workflow == workflow


@pytest.mark.parametrize(
    "field", [{"profile": b"\x01\0\0\0"}, {"profile": b"\0\0\0\x01"}, {"compression": b"z"}]
)
def test_other_profiles_and_compressions_are_named(field: dict) -> None:
    assert reason(sign(shortcut_content(), icloud_identity(), **field)) == "unsupported_archive"


def test_a_wrong_content_checksum_is_refused() -> None:
    content = shortcut_content()
    other = bytes(reversed(content))
    data = sign(content, icloud_identity(), compression=b"-", compress=lambda _: other)
    assert reason(data) == "forged_archive"


@pytest.mark.parametrize("size", [0, 1, 2**20, 2**60])
def test_a_lying_content_size_is_refused(size: int) -> None:
    assert reason(sign(shortcut_content(), icloud_identity(), size=size)) in {
        "damaged_archive",
        "archive_too_large",
    }


def test_a_lying_file_size_is_refused() -> None:
    assert reason(sign(shortcut_content(), icloud_identity(), file_size=2**60)) == "damaged_archive"


def test_the_signers_personal_data_is_not_kept() -> None:
    file = read(sign(shortcut_content(), contact_identity()))
    assert "Somebody" not in repr(file)


def test_only_the_regular_file_of_the_exact_path_is_taken() -> None:
    archive = apple_archive(
        ("D", "", b""),
        ("L", "Shortcut.wflow", b""),
        ("F", "../Shortcut.wflow", b"elsewhere"),
        ("F", "Shortcut.wflow", PLIST),
    )
    assert read_file(archive, "Shortcut.wflow") == PLIST


def test_the_older_magic_of_apple_archives_is_read() -> None:
    assert read_file(apple_archive(("F", "Shortcut.wflow", PLIST), magic=b"YAA1"), "Shortcut.wflow") == PLIST


@pytest.mark.parametrize("count", [0, 2])
def test_an_archive_without_exactly_one_workflow_is_refused(count: int) -> None:
    with pytest.raises(RejectedShortcut, match=f"{count} files named"):
        read_file(apple_archive(*[("F", "Shortcut.wflow", PLIST)] * count), "Shortcut.wflow")


@given(st.binary())
def test_any_bytes_are_an_apple_archive_or_refused(data: bytes) -> None:
    with pytest.raises(RejectedShortcut):
        read_file(b"AA01" + data, "Shortcut.wflow")


@given(st.integers(0, 400), st.binary(min_size=1, max_size=9))
def test_the_lzfse_walk_finds_the_true_size(repeats: int, pattern: bytes) -> None:
    content = (
        pattern * repeats
        + hashlib.sha512(pattern).digest() * (repeats + 1)
        + b"".join(struct.pack("<H", number * number % 65_521) for number in range(repeats))
    )
    check_lzfse(lzfse.compress(content), len(content), MatchBudget())


def test_the_lzfse_walk_follows_several_blocks() -> None:
    content = b"".join(hashlib.sha256(bytes([n % 251, n // 251])).hexdigest().encode() for n in range(6000))
    stream = lzfse.compress(content)
    assert stream.count(b"bvx2") > 1
    check_lzfse(stream, len(content), MatchBudget())


@given(st.data())
def test_a_stream_that_the_lzfse_walk_accepts_decodes_to_the_proven_size_or_not_at_all(
    data: st.DataObject,
) -> None:
    content = b"".join(str(number * number).encode() for number in range(900))
    stream = bytearray(lzfse.compress(content))
    for _ in range(data.draw(st.integers(1, 3))):
        stream[data.draw(st.integers(0, len(stream) - 1))] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(RejectedShortcut, lzfse.error):
        check_lzfse(bytes(stream), len(content), MatchBudget())
        assert len(lzfse.decompress(bytes(stream))) == len(content)


def test_murmur_is_the_published_function() -> None:
    assert murmur64a(b"", 0) == 0
    assert murmur64a(b"hello", 0) == 0x1E68D17C457BF117


def test_every_real_signed_shortcut_verifies(shared: Path) -> None:
    kinds = [
        read_shortcut(path.read_bytes()).signed_by for path in sorted((shared / "corpus/signed").iterdir())
    ]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"icloud": 19, "contact": 19}
