"""Hashes of text that are equal in every process, which Python's own are not."""

from hashlib import blake2b


def digest(text: str) -> int:
    """A 64-bit hash; lone surrogates are allowed."""
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little", signed=True)
