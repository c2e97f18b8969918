"""Apple Archives (`AA01`, before that `YAA1`): the container within a signed shortcut.

An archive is a row of entries. An entry is a magic, the size of its header, and fields: a key of three
letters, a type of one, a value. The blobs that fields announce follow the header, in the fields' order.
Integers are little-endian. The field types are those of Apple's `aa` tool (manual page aa(1)).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from workflowbench.shortcuts.rejection import RejectedShortcut

MAGICS = (b"AA01", b"YAA1")
HEADER_START = 6
MOST_ENTRIES = 1024
REGULAR_FILE = ord("F")
PATH = "P"

BLOB_SIZES = {"A": 2, "B": 4, "C": 8}
INTEGER_SIZES = {"*": 0, "1": 1, "2": 2, "4": 4, "8": 8}
HASH_SIZES = {"F": 4, "G": 20, "H": 32, "I": 48, "J": 64}
TIME_SIZES = {"S": 8, "T": 12}
FIELD_SIZES = BLOB_SIZES | INTEGER_SIZES | HASH_SIZES | TIME_SIZES


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its field values as stored, by key, and where its blobs lie in the archive."""

    fields: dict[str, bytes]
    blobs: dict[str, tuple[int, int]]
    end: int


def read_file(archive: bytes, path: str) -> bytes:
    """Read the one regular file whose path is exactly `path`; links and all other entries are ignored.

    Raises:
        RejectedShortcut: `damaged_archive` if the archive cannot be read, or holds no such file or
            several.

    """
    found = [
        entry
        for entry in _entries(archive)
        if entry.fields.get("PAT") == path.encode()
        and int.from_bytes(entry.fields.get("TYP", b""), "little") == REGULAR_FILE
        and "DAT" in entry.blobs
    ]
    if len(found) != 1:
        raise _damaged(f"{len(found)} files named {path}")
    start, size = found[0].blobs["DAT"]
    return archive[start : start + size]


def _damaged(what: str) -> RejectedShortcut:
    return RejectedShortcut("damaged_archive", f"Apple Archive: {what}; fetch the file again")


def _entries(archive: bytes) -> Iterator[Entry]:
    place = 0
    for _ in range(MOST_ENTRIES):
        if place == len(archive):
            return
        entry = _entry(archive, place)
        yield entry
        place = entry.end
    raise _damaged(f"more than {MOST_ENTRIES} entries")


def _entry(archive: bytes, place: int) -> Entry:
    header_size = int.from_bytes(archive[place + 4 : place + HEADER_START], "little")
    header = archive[place : place + header_size]
    if header[:4] not in MAGICS or len(header) < max(header_size, HEADER_START):
        raise _damaged(f"no entry at byte {place}")
    fields: dict[str, bytes] = {}
    blobs: dict[str, tuple[int, int]] = {}
    end = place + header_size
    for key, kind, value in _fields(header):
        if key in fields:
            raise _damaged(f"two fields {key} at byte {place}")
        fields[key] = value
        if kind in BLOB_SIZES:
            size = int.from_bytes(value, "little")
            blobs[key] = end, size
            end += size
    if end > len(archive):
        raise _damaged(f"an entry that runs past the end, at byte {place}")
    return Entry(fields, blobs, end)


def _fields(header: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Split a header into (key, type, value)."""
    place = HEADER_START
    while place < len(header):
        key, kind = (
            header[place : place + 3].decode("latin-1"),
            header[place + 3 : place + 4].decode("latin-1"),
        )
        place += 4
        if kind == PATH:
            size = int.from_bytes(header[place : place + 2], "little")
            place += 2
        elif kind in FIELD_SIZES:
            size = FIELD_SIZES[kind]
        else:
            raise _damaged(f"a field of the unknown type {kind!r}")
        if place + size > len(header):
            raise _damaged("a field that runs past its header")
        yield key, kind, header[place : place + size]
        place += size
