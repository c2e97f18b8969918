"""Property lists: the same values as plistlib, and a rejection for everything that is damaged."""

import contextlib
import datetime
import math
import plistlib
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.shortcuts.binary_plist import read_binary_plist
from workflowbench.shortcuts.limits import Limits
from workflowbench.shortcuts.rejection import RejectedShortcut
from workflowbench.shortcuts.xml_plist import read_xml_plist

HEADER = b'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">'

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
xml_text = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\n\t"
    )
)
dates = st.datetimes(datetime.datetime(1, 1, 1), datetime.datetime(9999, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)
numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False)


def trees(strings: st.SearchStrategy[str], extra: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    leaves = st.booleans() | numbers | strings | st.binary(max_size=300) | dates | extra
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=20) | st.dictionaries(strings, inner, max_size=20)
    )


def same(ours: object, theirs: object) -> bool:
    """Compare with types and the order of keys, which `==` ignores."""
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, dict):
        return list(ours) == list(theirs) and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return ours == theirs or (ours != ours and theirs != theirs)


def damaged(data: bytes) -> str:
    """Read a binary property list that is damaged; give what is said of it."""
    with pytest.raises(RejectedShortcut) as caught:
        read_binary_plist(data)
    assert caught.value.reason == "damaged_plist"
    return caught.value.detail


def assemble(*objects: bytes, root: int = 0, width: int = 1) -> bytes:
    """Make a binary property list of the given objects, with references of one byte."""
    offsets, body = [], b"bplist00"
    for each in objects:
        offsets.append(len(body))
        body += each
    table = b"".join(offset.to_bytes(width, "big") for offset in offsets)
    return body + table + struct.pack(">6xBBQQQ", width, 1, len(objects), root, len(body))


@given(trees(text, st.integers(0, 2**64 - 1).map(plistlib.UID)))
def test_a_binary_plist_reads_as_written(tree: object) -> None:
    assert same(read_binary_plist(plistlib.dumps(tree, fmt=plistlib.FMT_BINARY, sort_keys=False)), tree)


@given(trees(xml_text, st.nothing()))
def test_an_xml_plist_reads_as_written(tree: object) -> None:
    assert same(read_xml_plist(plistlib.dumps(tree, fmt=plistlib.FMT_XML, sort_keys=False)), tree)


@given(st.binary(max_size=60), st.integers(0, 9), st.integers(0, 9))
def test_any_binary_objects_are_read_or_refused(body: bytes, width: int, root: int) -> None:
    table = bytes(range(8, 8 + len(body)))
    trailer = struct.pack(">6xBBQQQ", width % 3, 1, len(table), root, 8 + len(body))
    with contextlib.suppress(RejectedShortcut):
        read_binary_plist(b"bplist00" + body + table + trailer)


def test_every_real_unsigned_shortcut_reads_as_plistlib_reads_it(shared: Path) -> None:
    files = [path.read_bytes() for path in (shared / "corpus/unsigned").iterdir()]
    readers = {True: read_binary_plist, False: read_xml_plist}
    assert files
    assert all(same(readers[data.startswith(b"bplist00")](data), plistlib.loads(data)) for data in files)


@pytest.mark.parametrize("width", range(1, 9))
def test_offsets_of_every_width_are_read(width: int) -> None:
    assert read_binary_plist(assemble(b"\xa1\x01", b"\x51a", width=width)) == ["a"]


@pytest.mark.parametrize("count", [300, 70_000])
def test_wide_references_are_read(count: int) -> None:
    tree = {str(number): number for number in range(count)}
    assert read_binary_plist(plistlib.dumps(tree, fmt=plistlib.FMT_BINARY)) == tree


def test_floats_without_a_value_are_read() -> None:
    values = read_binary_plist(plistlib.dumps([math.nan, math.inf], fmt=plistlib.FMT_BINARY))
    assert same(values, [math.nan, math.inf])


def test_a_lone_surrogate_is_read() -> None:
    assert read_binary_plist(assemble(b"\x61\xd8\x3d")) == "\ud83d"


def test_a_shared_object_stays_shared() -> None:
    first, second = read_binary_plist(assemble(b"\xa2\x01\x01", b"\xa0"))
    assert first is second


def test_a_key_that_is_no_string_is_refused() -> None:
    assert "key" in damaged(assemble(b"\xd1\x01\x01", b"\x10\x05"))


@pytest.mark.parametrize("key", [b"\xa0", b"\xd0"])
def test_a_key_that_is_a_container_is_refused(key: bytes) -> None:
    assert "key" in damaged(assemble(b"\xd1\x01\x01", key))


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("data of 2**60 bytes", b"\x4f\x13" + (2**60).to_bytes(8, "big")),
        ("an array of 2**60", b"\xaf\x13" + (2**60).to_bytes(8, "big")),
        ("a size of a wrong type", b"\x5f\x50"),
        ("a string beyond ASCII", b"\x51\xff"),
        ("an unknown type", b"\x70"),
        ("an integer of 32 bytes", b"\x15" + bytes(32)),
        ("an integer beyond 64 bits", b"\x14\x01" + bytes(15)),
        ("a date without a value", b"\x33" + struct.pack(">d", math.nan)),
        ("a date beyond the calendar", b"\x33" + struct.pack(">d", 1e300)),
        ("a UID beyond 64 bits", b"\x88\x01" + bytes(8)),
        ("a reference to no object", b"\xa1\x07"),
        ("half a UTF-16 unit", b"\x61\x00"),
    ],
)
def test_a_damaged_object_is_refused(what: str, body: bytes) -> None:
    assert damaged(assemble(body)), what


@pytest.mark.parametrize(("count", "is_refused"), [(1, False), (2, True)])
def test_a_table_that_names_one_long_string_many_times_is_refused(count: int, is_refused: bool) -> None:
    body = b"bplist00" + b"\x5f\x10\x20" + b"a" * 32
    data = body + bytes([8] * count) + struct.pack(">6xBBQQQ", 1, 1, count, 0, len(body))
    if is_refused:
        assert "overlaps" in damaged(data)
    else:
        assert read_binary_plist(data) == "a" * 32


def test_an_offset_table_that_lies_is_refused() -> None:
    data = plistlib.dumps(["a", "b"], fmt=plistlib.FMT_BINARY)
    for field in (data[-24:-16], data[-16:-8], data[-8:]):
        place = data.rindex(field)
        assert damaged(data[:place] + (2**63).to_bytes(8, "big") + data[place + 8 :])


def test_expanded_nodes_count_shared_objects_as_often_as_they_occur() -> None:
    data = assemble(b"\xa2\x01\x01", b"\xa2\x02\x02", b"\x10\x01")
    assert read_binary_plist(data, Limits(nodes=7)) == [[1, 1], [1, 1]]
    with pytest.raises(RejectedShortcut) as caught:
        read_binary_plist(data, Limits(nodes=6))
    assert (caught.value.reason, caught.value.threshold, caught.value.observed) == ("too_many_nodes", 6, 7)


@pytest.mark.parametrize("fmt", [plistlib.FMT_BINARY, plistlib.FMT_XML])
def test_nodes_and_depth_are_counted_alike_in_both_formats(fmt: plistlib.PlistFormat) -> None:
    read = read_binary_plist if fmt is plistlib.FMT_BINARY else read_xml_plist
    tree = {"a": [True, {"b": "c"}]}
    data = plistlib.dumps(tree, fmt=fmt)
    assert read(data, Limits(nodes=7, depth=3)) == tree
    for limits in (Limits(nodes=6), Limits(depth=2)):
        with pytest.raises(RejectedShortcut, match="too_"):
            read(data, limits)


@pytest.mark.parametrize("body", [b"\xa1\x00", b"\xa2\x00\x00", b"\xd1\x01\x00"])
def test_a_cycle_is_refused(body: bytes) -> None:
    with pytest.raises(RejectedShortcut, match=r"too_(deep|many_nodes)"):
        read_binary_plist(assemble(body, b"\x51a"))


def xml(body: str, encoding: str = "utf-8") -> object:
    return read_xml_plist(HEADER + body.encode(encoding, "surrogatepass") + b"</plist>")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("<integer> -0x10 </integer>", -16),
        ("<real>nan</real>", math.nan),
        ("<date>2020-02-29T01:02:03Z</date>", datetime.datetime(2020, 2, 29, 1, 2, 3)),
        ("<data>\n\tYWJj\n</data>", b"abc"),
        ("<string><![CDATA[<&]]> &lt;&#x1F600;</string>", "<& <\U0001f600"),
        ("<string/>", ""),
        ("<dict><key/><true/></dict>", {"": True}),
        ("<!-- a --><array><!-- b --><string>a<!-- c -->b</string></array>", ["ab"]),
    ],
)
def test_an_xml_value_is_read(body: str, value: object) -> None:
    assert same(xml(body), value)


def test_characters_that_xml_forbids_are_stripped() -> None:
    assert xml("<string>a\x01b&#0;c&#x1F;d&#xFFFF;e&#xD83D;f\ufffeg\ud83dh&#9;i</string>") == "abcdefgh\ti"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_an_xml_plist_is_read_with_any_mark_and_leading_blanks(encoding: str) -> None:
    mark = "" if encoding in ("utf-8", "utf-8-sig", "utf-16") else "\ufeff"
    for blanks in ("", "\n  "):
        document = f"{mark}{blanks}<?xml version='1.0'?><plist><string>\u00fc\U0001f600</string></plist>"
        assert read_xml_plist(document.encode(encoding)) == "\u00fc\U0001f600"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<string>a</string><string>b</string>",
        "<string>a<string>b</string></string>",
        "<key>a</key>",
        "<array><key>a</key></array>",
        "<dict><string>a</string></dict>",
        "<dict><key>a</key></dict>",
        "<dict><key>a</key><key>b</key></dict>",
        "<dict><key>a</key><plist/></dict>",
        "<plist><true/></plist>",
        "<ustring>a</ustring>",
        "<integer>one</integer>",
        "<integer/>",
        f"<integer>{2**64}</integer>",
        f"<integer>{'9' * 5000}</integer>",
        "<real/>",
        "<date>2020</date>",
        "<date>2020-02-30T00:00:00Z</date>",
        "<data>a</data>",
        "<array>",
    ],
)
def test_a_damaged_xml_plist_is_refused(body: str) -> None:
    with pytest.raises(RejectedShortcut, match="damaged_plist"):
        xml(body)


@pytest.mark.parametrize(
    "encoding", ["utf-7", "idna", "zlib", "undefined", "utf-32", "big5", "nonsense", "utf-16"]
)
def test_an_encoding_that_does_not_fit_is_refused(encoding: str) -> None:
    document = f'<?xml version="1.0" encoding="{encoding}"?><plist><string>\u00fc</string></plist>'
    with pytest.raises(RejectedShortcut, match="damaged_plist"):
        read_xml_plist(document.encode())


@pytest.mark.parametrize(
    "declaration",
    ['<!ENTITY a "b">', '<!ENTITY % a SYSTEM "file:///etc/passwd">', '<!ATTLIST dict a CDATA "b">', ""],
)
def test_a_document_type_with_declarations_is_refused(declaration: str) -> None:
    document = f"<!DOCTYPE plist [{declaration}]><plist><string>a</string></plist>"
    with pytest.raises(RejectedShortcut, match="xml_declarations"):
        read_xml_plist(document.encode())


SMALL = {"a": [1, 2.5, True, b"data", {"b": "\U0001f600"}], "c": datetime.datetime(2020, 1, 1)}


@pytest.mark.parametrize("fmt", [plistlib.FMT_BINARY, plistlib.FMT_XML])
def test_a_plist_cut_or_flipped_at_any_byte_is_read_or_refused(fmt: plistlib.PlistFormat) -> None:
    read = read_binary_plist if fmt is plistlib.FMT_BINARY else read_xml_plist
    data = plistlib.dumps(SMALL, fmt=fmt)
    spoilt = [data[:size] for size in range(len(data))]
    for place in range(len(data)):
        spoilt += [data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :] for bit in range(8)]
    refused = 0
    for each in spoilt:
        try:
            read(each)
        except RejectedShortcut:
            refused += 1
    assert refused > len(data)
