"""Draws that depend on a seed and a name alone, so that what is added later changes no earlier one."""

import hashlib

_HASH_BYTES = 8
_PLACES: int = 256**_HASH_BYTES


def draw(seed: int, name: str) -> float:
    """Return a number in [0, 1), evenly distributed over names: a hash of seed and name."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()[:_HASH_BYTES]
    return int.from_bytes(digest) / _PLACES
