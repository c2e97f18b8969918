"""Binary property lists, read without recursion and in time linear in the size of the file.

Layout (Apple's CFBinaryPList.c): `bplist00`, the objects, the table of their offsets, a trailer of 32
bytes. Arrays and dictionaries name their members by their place in the table, so that a small file can
share its objects into a huge tree, or close a cycle; both are refused before the tree is handed out.
"""

import struct
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from plistlib import UID
from typing import Any

from workflowbench.shortcuts.limits import DEFAULT_LIMITS, Limits, bounded_integer
from workflowbench.shortcuts.rejection import RejectedShortcut

MAGIC = b"bplist00"
TRAILER = struct.Struct(">6xBBQQQ")
EPOCH = datetime(2001, 1, 1)
CONSTANTS = {0x00: None, 0x08: False, 0x09: True, 0x0F: b""}
INTEGER_FORMATS = {1: "B", 2: "H", 4: "I", 8: "Q"}

Unpack = Callable[[bytes, int], Sequence[int]]


def read_binary_plist(data: bytes, limits: Limits = DEFAULT_LIMITS) -> object:
    """Read a binary property list into the values that `plistlib.loads` gives.

    Unlike plistlib it reads lone surrogates in UTF-16 strings, and it refuses keys that are no strings,
    integers beyond 64 bits, objects that overlap, and a fault in any object, even an unused one.

    Raises:
        RejectedShortcut: `damaged_plist`, `too_many_nodes` or `too_deep`.

    """
    try:
        root = _ObjectTable(data, limits).read()
    except (IndexError, ValueError, OverflowError, struct.error) as error:
        raise _damaged(str(error)) from error
    _check_tree(root, limits)
    return root


def _damaged(what: str) -> RejectedShortcut:
    return RejectedShortcut("damaged_plist", f"binary property list: {what}; fetch the file again")


def _check_tree(root: object, limits: Limits) -> None:
    """Walk the tree level by level, counting before each step: no bomb or cycle outgrows the limits."""
    level: list[Any] = [root] if isinstance(root, (dict, list)) else []
    nodes, depth = 1, 0
    while level:
        depth += 1
        nodes += sum(
            [2 * len(container) if type(container) is dict else len(container) for container in level]
        )
        limits.check_tree(nodes, depth)
        level = [
            member
            for container in level
            for member in (container.values() if type(container) is dict else container)
            if (kind := type(member)) is dict or kind is list
        ]


class _ObjectTable:
    """The objects of one file: first every value on its own, then the members of the containers.

    Attributes:
        values: Object i at place i. Containers are there from the start and filled afterwards, so that
            the order of the objects does not matter.
        pairs: Each dictionary of two members, with the byte at which its references start.
        dictionaries: Each other dictionary that has members, with the bytes at which the references to
            its keys and to its values start.
        arrays: Each array that has members, with the byte at which its references start, and its length.

    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        if len(data) < len(MAGIC) + TRAILER.size:
            raise _damaged("shorter than its header and trailer")
        trailer = len(data) - TRAILER.size
        width, self.reference_width, count, self.root, self.end = TRAILER.unpack_from(data, trailer)
        if not (1 <= width <= 8 and 1 <= self.reference_width <= 8):
            raise _damaged(f"integers of {width} and {self.reference_width} bytes")
        if not len(MAGIC) <= self.end <= self.end + count * width <= trailer or self.root >= count:
            raise _damaged(f"{count} objects in the table at byte {self.end}, root {self.root}")
        limits.check_tree(nodes=count, depth=0)
        self.data = data
        self.limits = limits
        self.offsets = _unpacker(count, width)(data, self.end)
        self.values: list[Any] = []
        self.pairs: list[tuple[dict[str, object], int]] = []
        self.dictionaries: list[tuple[dict[str, object], int, int]] = []
        self.arrays: list[tuple[list[object], int, int]] = []

    def read(self) -> object:
        """Give the root object, complete."""
        if max(self.offsets) >= self.end:
            raise _damaged("an object lies in the offset table")
        self._read_objects()
        self._check_members()
        self._fill_pairs()
        self._fill_dictionaries()
        self._fill_arrays()
        return self.values[self.root]

    def _read_objects(self) -> None:
        """Read every object in the order of the table; containers stay empty.

        One loop, its branches in order of frequency: reading spends most of its time here. The bytes of
        all objects together may not exceed those of the file: a table whose offsets all name the same
        long string is refused before it fills the memory.
        """
        data, end, width = self.data, self.end, self.reference_width
        text = data.decode("latin-1")
        append = self.values.append
        add_pair, add_dictionary, add_array = self.pairs.append, self.dictionaries.append, self.arrays.append
        occupied, member_width = 0, 2 * width
        for offset in self.offsets:
            token = data[offset]
            if token < 0x40:
                append(self._read_scalar(offset, token))
                continue
            kind = token & 0xF0
            start, size = offset + 1, token & 0x0F
            if size == 0x0F:
                if data[start] == 0x10:
                    start, size = start + 2, data[start + 1]
                else:
                    start, size = self._read_size(start)
            if kind == 0xD0:
                dictionary: dict[str, object] = {}
                append(dictionary)
                if size == 2:
                    add_pair((dictionary, start))
                elif size:
                    add_dictionary((dictionary, start, start + size * width))
                size *= member_width
            elif kind == 0x50:
                value = text[start : start + size]
                if not value.isascii():
                    raise _damaged(f"no ASCII string at byte {offset}")
                append(value)
            elif kind == 0x60:
                size *= 2
                append(data[start : start + size].decode("utf-16-be", "surrogatepass"))
            elif kind == 0xA0:
                array: list[object] = []
                append(array)
                if size:
                    add_array((array, start, size))
                    size *= width
            elif kind == 0x40:
                append(data[start : start + size])
            elif kind == 0x80:
                size += 1
                append(UID(int.from_bytes(data[start : start + size], "big")))
            else:
                raise _damaged(f"unknown type 0x{token:02x} at byte {offset}")
            occupied += size
            if start + size > end or occupied > end:
                raise _damaged(f"the object at byte {offset} overlaps others or the offset table")

    def _check_members(self) -> None:
        """Refuse more members than the limit before the containers are filled with them."""
        bytes_of_keys = sum([middle - start for _, start, middle in self.dictionaries])
        keys = 2 * len(self.pairs) + bytes_of_keys // self.reference_width
        members = 2 * keys + sum([size for *_, size in self.arrays])
        self.limits.check_tree(1 + members, depth=0)

    def _read_size(self, start: int) -> tuple[int, int]:
        """Read the size that follows a token, itself an integer object; give its end and its value."""
        token = self.data[start]
        if not 0x10 <= token <= 0x13:
            raise _damaged(f"size of type 0x{token:02x} at byte {start}")
        stop = start + 1 + (1 << (token & 0x0F))
        return stop, int.from_bytes(self.data[start + 1 : stop], "big")

    def _read_scalar(self, offset: int, token: int) -> object:
        """Read a value of fixed size: a constant, number or date."""
        if token in CONSTANTS:
            return CONSTANTS[token]
        size = 1 << (token & 0x0F)
        content = self.data[offset + 1 : min(offset + 1 + size, self.end)]
        if len(content) < size:
            raise _damaged(f"the value at byte {offset} runs into the offset table")
        if 0x10 <= token <= 0x14:
            return bounded_integer(int.from_bytes(content, "big", signed=size >= 8))
        if token == 0x22 or token == 0x23:
            return struct.unpack(">f" if size == 4 else ">d", content)[0]
        if token == 0x33:
            return EPOCH + timedelta(seconds=struct.unpack(">d", content)[0])
        raise _damaged(f"unknown type 0x{token:02x} at byte {offset}")

    def _fill_pairs(self) -> None:
        """Add the members of the dictionaries of two members, which are two thirds of a shortcut's."""
        data, values = self.data, self.values
        unpack = _unpacker(4, self.reference_width)
        checked: set[int] = set()
        for pair, start in self.pairs:
            first_key, second_key, first, second = unpack(data, start)
            if first_key not in checked or second_key not in checked:
                self._keys((first_key, second_key))
                checked.update((first_key, second_key))
            pair[values[first_key]] = values[first]
            pair[values[second_key]] = values[second]

    def _fill_dictionaries(self) -> None:
        """Add the members of every other dictionary.

        Most dictionaries of a shortcut have the same few sets of keys, in the same order: each set is
        looked up once, by the bytes of its references.
        """
        data, values, width = self.data, self.values, self.reference_width
        key_sets: dict[bytes, tuple[list[str], Unpack]] = {}
        for dictionary, start, middle in self.dictionaries:
            key_references = data[start:middle]
            try:
                keys, unpack = key_sets[key_references]
            except KeyError:
                unpack = _unpacker((middle - start) // width, width)
                keys = self._keys(unpack(data, start))
                key_sets[key_references] = keys, unpack
            for key, reference in zip(keys, unpack(data, middle)):  # noqa: B905 - equal; strict costs 5 %
                dictionary[key] = values[reference]

    def _keys(self, references: Sequence[int]) -> list[str]:
        keys = [self.values[reference] for reference in references]
        strings = [key for key in keys if isinstance(key, str)]
        if len(strings) < len(keys):
            raise _damaged("a dictionary key is no string")
        return strings

    def _fill_arrays(self) -> None:
        for array, start, size in self.arrays:
            references = _unpacker(size, self.reference_width)(self.data, start)
            array.extend([self.values[reference] for reference in references])


def _unpacker(count: int, width: int) -> Unpack:
    """Make a function that reads `count` big-endian unsigned integers of `width` bytes at a place."""
    if width in INTEGER_FORMATS:
        return struct.Struct(f">{count}{INTEGER_FORMATS[width]}").unpack_from
    return partial(_unpack_odd, count, width)


def _unpack_odd(count: int, width: int, data: bytes, start: int) -> list[int]:
    """Read integers of 3, 5, 6 or 7 bytes, which `struct` has no format for."""
    stop = start + count * width
    return [int.from_bytes(data[place : place + width], "big") for place in range(start, stop, width)]
