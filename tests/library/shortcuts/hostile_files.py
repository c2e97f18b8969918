"""Files made to exhaust a reader, each with the reason for which it must be refused."""

import struct
from collections.abc import Callable
from functools import cache

from signed_archives import apple_archive, contact_identity, shortcut_content, sign

from workflowbench.shortcuts.lzfse_bounds import MATCHES_PER_BLOCK

MEBIBYTE = 2**20
XML_START, XML_END = b'<?xml version="1.0"?><plist version="1.0">', b"</plist>"


def table(objects: list[bytes], offsets: list[int] | None = None, root: int = 0) -> bytes:
    """Make a binary property list with references of two bytes and offsets of four."""
    places, place = [], 8
    for each in objects:
        places.append(place)
        place += len(each)
    offsets = offsets or places
    trailer = struct.pack(">6xBBQQQ", 4, 2, len(offsets), root, place)
    return b"bplist00" + b"".join(objects) + struct.pack(f">{len(offsets)}I", *offsets) + trailer


def references(*indexes: int) -> bytes:
    """Make an array of up to 14 references."""
    return bytes([0xA0 | len(indexes)]) + struct.pack(f">{len(indexes)}H", *indexes)


def billion_laughs() -> bytes:
    """40 arrays, each of ten times the next."""
    return table([references(*[level + 1] * 10) for level in range(40)] + [b"\x10\x01"])


def cycle() -> bytes:
    """An array that holds itself ten times."""
    return table([references(*[0] * 10)])


def binary_depth() -> bytes:
    """60,000 arrays within each other."""
    return table([references(level + 1) for level in range(60_000)] + [b"\x10\x01"])


def one_string_many_times() -> bytes:
    """A million objects that are all the same string of 10 MiB."""
    text = b"\x5f\x12" + struct.pack(">I", 10 * MEBIBYTE) + b"a" * (10 * MEBIBYTE)
    return table([text], offsets=[8] * 1_000_000)


def many_objects() -> bytes:
    """Five million empty arrays."""
    count = 5_000_000
    trailer = struct.pack(">6xBBQQQ", 3, 3, count, 0, 8 + MEBIBYTE)
    return b"bplist00" + b"\xa0" * MEBIBYTE + b"\0\0\x08" * count + trailer


def most_objects() -> bytes:
    """1,999,990 empty dictionaries, just within the limit, in one array."""
    count = 1_999_990
    body = b"\xd0" * count + b"\xaf\x12" + struct.pack(">I", count)
    places = b"".join(struct.pack(">I", number)[1:] for number in range(count))
    offsets = b"".join(struct.pack(">I", 8 + number)[1:] for number in range(count + 1))
    end = 8 + len(body) + len(places)
    return b"bplist00" + body + places + offsets + struct.pack(">6xBBQQQ", 3, 3, count + 1, count, end)


def dictionaries(count: int, padding: bytes = b"") -> bytes:
    """Make one array of dictionaries of one member each, and bytes that no object holds."""
    key = 8 + 7 * count
    body = (b"\xd1" + struct.pack(">I", count)[1:] * 2) * count + b"\x51a"
    places = b"".join(struct.pack(">I", number)[1:] for number in range(count))
    offsets = b"".join(struct.pack(">I", 8 + 7 * number)[1:] for number in range(count))
    array = b"\xaf\x12" + struct.pack(">I", count) + places
    offsets += struct.pack(">I", key)[1:] + struct.pack(">I", key + 2)[1:]
    end = 8 + len(body) + len(array) + len(padding)
    return (
        b"bplist00"
        + body
        + array
        + padding
        + offsets
        + struct.pack(">6xBBQQQ", 3, 3, count + 2, count + 1, end)
    )


def small_dictionaries() -> bytes:
    """1,400,000 dictionaries of one member each."""
    return dictionaries(1_400_000)


def most_dictionaries() -> bytes:
    """666,000 dictionaries of one member each, just within the limit."""
    return dictionaries(666_000)


def dictionaries_in_an_archive() -> bytes:
    """The same, with bytes that fill the property list up to its limit, in an archive of 5 MB."""
    plist = dictionaries(666_000, padding=b"a" * (54 * MEBIBYTE))
    return sign(apple_archive(("F", "Shortcut.wflow", plist)), contact_identity(), per_cluster=64)


def huge_data() -> bytes:
    """Data of 2**60 bytes."""
    return table([b"\x4f\x13" + struct.pack(">Q", 2**60)])


def huge_table() -> bytes:
    """An offset table of 2**60 objects."""
    return b"bplist00\x08" + bytes(8) + struct.pack(">6xBBQQQ", 8, 8, 2**60, 0, 9)


def xml(body: bytes) -> bytes:
    """Wrap a body in an XML property list."""
    return XML_START + body + XML_END


def declared(subset: bytes, body: bytes) -> bytes:
    """Make an XML property list whose document type declares something."""
    return b"<!DOCTYPE plist [" + subset + b"]><plist>" + body + XML_END


def entities() -> bytes:
    """Nine levels of entities, each of ten times the next."""
    levels = [b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, 10)]
    return declared(b'<!ENTITY e0 "lol">' + b"".join(levels), b"<string>&e9;</string>")


def default_attributes() -> bytes:
    """100,000 default attributes of an element that occurs 100,000 times."""
    attributes = b"".join(b'a%d CDATA "b" ' % number for number in range(100_000))
    return declared(b"<!ATTLIST true " + attributes + b">", b"<true/>" * 100_000)


def attribute_flood() -> bytes:
    """An element of 1,600,000 attributes."""
    flood = b"".join(b' a%x=""' % number for number in range(1_600_000))
    return xml(b"<dict" + flood + b"/>")


@cache
def zeros() -> bytes:
    """63 MiB of zeros as the property list: an archive of 40 KB that expands as far as the limit lets it."""
    content = apple_archive(("F", "Shortcut.wflow", bytes(63 * MEBIBYTE)))
    return sign(content, contact_identity(), per_cluster=64)


def zeros_with_murmur() -> bytes:
    """The same with the checksum that is slowest here."""
    content = apple_archive(("F", "Shortcut.wflow", bytes(63 * MEBIBYTE)))
    return sign(content, contact_identity(), per_cluster=64, checksum=1)


def matches_block(raw: int, match_symbol: int, count: int = MATCHES_PER_BLOCK) -> bytes:
    """Make a bvx2 block of 5 zero bytes and then matches that take no bits: every table has one symbol."""
    frequencies = [0] * 360
    frequencies[1], frequencies[20 + match_symbol], frequencies[40 + 1], frequencies[104] = 64, 64, 256, 1024
    bits = place = 0
    for value in frequencies:
        code, size = (0, 2) if value == 0 else ((value - 24) << 4 | 0xF, 14)
        bits |= code << place
        place += size
    packed = bits.to_bytes((place + 7) // 8, "little")
    words = [40_000 | 0 << 20 | count << 40 | 7 << 60, 8 << 40 | 7 << 60, 32 + len(packed)]
    return b"bvx2" + struct.pack("<I3Q", raw, *words) + packed + bytes(8)


def lying_block() -> bytes:
    """A stream of 200 bytes that claims 16 KiB and expands to 160,000 bytes."""
    return sign(bytes(1 << 14), contact_identity(), compress=lambda _: matches_block(1 << 14, 15) + b"bvx$")


def match_flood() -> bytes:
    """Streams of nothing but short matches, as many as the sizes allow."""

    def compress(segment: bytes) -> bytes:
        size = 2 * MATCHES_PER_BLOCK
        blocks, rest = divmod(len(segment), size)
        return matches_block(size, 1) * blocks + b"bvx-" + struct.pack("<I", rest) + bytes(rest) + b"bvx$"

    return sign(bytes(63 * MEBIBYTE), contact_identity(), compress=compress, per_cluster=64)


def stuck_lzvn() -> bytes:
    """An LZVN block that ends within an opcode, so that its decoder asks for more room for ever."""
    stream = b"bvxn" + struct.pack("<II", 1 << 14, 1) + b"\xe0" + b"bvx$"
    return sign(bytes(1 << 14), contact_identity(), compress=lambda _: stream)


def many_entries() -> bytes:
    """An Apple Archive of 300,000 entries."""
    return sign(apple_archive(("D", "", b"")) * 300_000, contact_identity(), per_cluster=64)


def deep_workflow_in_an_archive() -> bytes:
    """A signed workflow that nests deeper than the limit."""
    value: object = 1
    for _ in range(200):
        value = [value]
    plist = {"WFWorkflowActions": [], "deep": value}
    return sign(shortcut_content(plist), contact_identity())


HOSTILE_FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "billion_laughs": ("too_many_nodes", billion_laughs),
    "cycle": ("too_many_nodes", cycle),
    "binary_depth": ("too_deep", binary_depth),
    "one_string_many_times": ("too_many_nodes", one_string_many_times),
    "many_objects": ("too_many_nodes", many_objects),
    "most_objects": ("too_many_nodes", most_objects),
    "small_dictionaries": ("too_many_nodes", small_dictionaries),
    "most_dictionaries": ("too_many_nodes", most_dictionaries),
    "dictionaries_in_an_archive": ("too_many_nodes", dictionaries_in_an_archive),
    "huge_data": ("damaged_plist", huge_data),
    "huge_table": ("damaged_plist", huge_table),
    "xml_depth": ("too_deep", lambda: xml(b"<array>" * 200_000)),
    "xml_integer": ("damaged_plist", lambda: xml(b"<integer>" + b"9" * 200_000 + b"</integer>")),
    "xml_hexadecimal": ("damaged_plist", lambda: xml(b"<integer>0x" + b"f" * 200_000 + b"</integer>")),
    "xml_real": ("not_a_workflow", lambda: xml(b"<real>" + b"9" * 200_000 + b"</real>")),
    "xml_values": ("too_many_nodes", lambda: xml(b"<array>" + b"<true/>" * 2_800_000 + b"</array>")),
    "xml_dictionaries": ("too_many_nodes", lambda: xml(b"<array>" + b"<dict/>" * 2_800_000 + b"</array>")),
    "xml_comments": ("damaged_plist", lambda: xml(b"<!---->" * 2_800_000)),
    "xml_references": ("damaged_plist", lambda: xml(b"<string>" + b"&#0;" * 5_000_000)),
    "xml_lines": ("not_a_workflow", lambda: xml(b"<string>" + b"\r\n" * 10_000_000 + b"</string>")),
    "entities": ("xml_declarations", entities),
    "default_attributes": ("xml_declarations", default_attributes),
    "attribute_flood": ("damaged_plist", attribute_flood),
    "attribute_flood_with_brackets": ("damaged_plist", lambda: attribute_flood().replace(b'""', b'">"')),
    "zeros": ("not_a_shortcut", zeros),
    "zeros_with_murmur": ("not_a_shortcut", zeros_with_murmur),
    "lying_block": ("damaged_archive", lying_block),
    "match_flood": ("archive_too_large", match_flood),
    "stuck_lzvn": ("damaged_archive", stuck_lzvn),
    "many_entries": ("damaged_archive", many_entries),
    "deep_workflow_in_an_archive": ("too_deep", deep_workflow_in_an_archive),
    "file_of_zeros": ("not_a_shortcut", lambda: bytes(20 * MEBIBYTE)),
    "blanks": ("empty_file", lambda: b" " * (20 * MEBIBYTE)),
}
