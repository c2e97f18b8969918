"""MurmurHash64A, one of the three checksums of an archive's segments."""

import struct

MASK = 2**64 - 1
MULTIPLIER = 0xC6A4A7935BD1E995


def murmur64a(data: bytes, seed: int) -> int:
    """Compute MurmurHash64A (Austin Appleby, MurmurHash2.cpp), an unsigned 64-bit number."""
    value = seed ^ (len(data) * MULTIPLIER & MASK)
    whole = len(data) & ~7
    for (word,) in struct.iter_unpack("<Q", data[:whole]):
        mixed = word * MULTIPLIER & MASK
        value = (value ^ ((mixed ^ mixed >> 47) * MULTIPLIER & MASK)) * MULTIPLIER & MASK
    if whole < len(data):
        value = (value ^ int.from_bytes(data[whole:], "little")) * MULTIPLIER & MASK
    value = (value ^ value >> 47) * MULTIPLIER & MASK
    return value ^ value >> 47
