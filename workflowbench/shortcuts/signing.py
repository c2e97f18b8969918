"""Signed shortcuts: Apple Encrypted Archives (`AEA1`) of profile 0, signed and not encrypted.

A prologue holds the signature and the keys' seed, a root header the sizes. The content follows in
clusters of segments, each segment compressed on its own. Every byte of the file is covered: the
prologue by the signature, the root header by a MAC in the prologue, each cluster header by a MAC in what
precedes it, each segment by a MAC in its cluster header. All integers are little-endian. The layout
follows FORMAT.md of the project kinnay/AEA.
"""

import hashlib
import hmac
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import lzfse  # type: ignore[import-untyped]
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workflowbench.shortcuts.certificates import APPLE_ROOTS, Signer, read_signer
from workflowbench.shortcuts.lzfse_bounds import MatchBudget, check_lzfse
from workflowbench.shortcuts.murmur import murmur64a
from workflowbench.shortcuts.rejection import RejectedShortcut

MAGIC = b"AEA1"
HEAD = struct.Struct("<4s3sBI")
PROLOGUE = struct.Struct("<128s32s32s32s48s32s")
ROOT_HEADER = struct.Struct("<QQIIcB22s")
PROFILE_SIGNED = bytes(3)
SMALLEST_SEGMENT_BYTES = 1 << 14
CHECKSUM_SEED = 0xE2236FDC26A5F6D2
MAC_BYTES = 32

CHECKSUMS: dict[int, tuple[int, Callable[[bytes], bytes]]] = {
    0: (0, lambda _: b""),
    1: (8, lambda content: murmur64a(content, CHECKSUM_SEED).to_bytes(8, "little")),
    2: (32, lambda content: hashlib.sha256(content).digest()),
}


@dataclass(frozen=True, slots=True)
class SignedContent:
    """What a verified archive holds: the signer, and the content, an Apple Archive."""

    signer: Signer
    content: bytes


def open_signed(data: bytes, max_bytes: int, trusted_roots: frozenset[str] = APPLE_ROOTS) -> SignedContent:
    """Verify a signed archive and decompress its content.

    Nothing is decompressed before its signature, MAC and declared size have been checked.

    Args:
        data: The whole file.
        max_bytes: Greatest size of the content, in bytes.
        trusted_roots: SHA-256 fingerprints of the accepted roots, in lower-case hexadecimal.

    Raises:
        RejectedShortcut: `unsupported_archive`, `damaged_archive`, `forged_archive` or
            `archive_too_large`.

    """
    try:
        archive = _Archive(data, trusted_roots)
        archive.check_root(max_bytes)
        return SignedContent(archive.signer, b"".join(archive.segments()))
    except struct.error as error:
        raise damaged_archive("the archive ends before its signed part") from error


def damaged_archive(what: str) -> RejectedShortcut:
    """Make the rejection of an archive whose structure is wrong."""
    return RejectedShortcut("damaged_archive", f"{what}; fetch the file again")


def _forged(what: str) -> RejectedShortcut:
    return RejectedShortcut("forged_archive", f"{what}; do not trust this copy")


def _unsupported(what: str) -> RejectedShortcut:
    return RejectedShortcut("unsupported_archive", f"{what}; export the shortcut again, as a file")


def _derive(key: bytes, info: bytes, salt: bytes = b"") -> bytes:
    """Derive 32 bytes by HKDF-SHA256 (RFC 5869), which is a single block of output."""
    return hmac.digest(hmac.digest(salt, key, "sha256"), info + b"\x01", "sha256")


def _check_mac(expected: bytes, key: bytes, content: bytes, salt: bytes, of: str) -> None:
    computed = hmac.digest(key, salt + content + len(salt).to_bytes(8, "little"), "sha256")
    if not hmac.compare_digest(expected, computed):
        raise _forged(f"the MAC of {of} is wrong")


def _check_signature(signer: Signer, field: bytes, prologue: bytes) -> None:
    """Verify the ECDSA signature, which lies in a field of 128 bytes padded with zeros."""
    size = field[1] + 2
    if any(field[size:]):
        raise _forged("the signature is not padded with zeros")
    try:
        signer.public_key.verify(field[:size], prologue, ECDSA(SHA256()))
    except InvalidSignature as error:
        raise _forged("the signature of the archive is wrong") from error


class _Archive:
    """One archive: its prologue is verified at the start, the rest on demand and in order."""

    def __init__(self, data: bytes, trusted_roots: frozenset[str]) -> None:
        self.data = data
        _, profile, strength, auth_size = HEAD.unpack_from(data)
        if profile != PROFILE_SIGNED or strength:
            raise _unsupported(f"archive of profile {int.from_bytes(profile, 'little')}, not 0")
        start = HEAD.size + auth_size
        signature, seed, salt, self.root_mac, self.root, self.first_mac = PROLOGUE.unpack_from(data, start)
        self.end = start + PROLOGUE.size
        self.auth_data = data[HEAD.size : start]
        self.signer = read_signer(self.auth_data, trusted_roots)
        _check_signature(self.signer, signature, data[:start] + bytes(128) + data[start + 128 : self.end])
        point = self.signer.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.key = _derive(seed, b"AEA_AMK" + data[4:8] + point, salt)

    def check_root(self, max_bytes: int) -> None:
        """Verify the root header and take the sizes from it."""
        salt = self.first_mac + self.auth_data
        _check_mac(self.root_mac, _derive(self.key, b"AEA_RHEK"), self.root, salt, "the root header")
        self.size, file_size, self.segment_size, self.segments_per_cluster, compression, checksum, _ = (
            ROOT_HEADER.unpack(self.root)
        )
        if file_size != len(self.data):
            raise damaged_archive(f"the file has {len(self.data)} bytes of {file_size}")
        if self.size > max_bytes:
            raise RejectedShortcut(
                "archive_too_large",
                "the archive expands to more than any real shortcut; drop the file",
                threshold=max_bytes,
                observed=self.size,
            )
        if self.segment_size < SMALLEST_SEGMENT_BYTES:
            raise _unsupported(f"segments of {self.segment_size} bytes")
        if compression not in (b"-", b"e") or checksum not in CHECKSUMS:
            raise _unsupported(f"compression {compression!r}, checksum {checksum}")
        self.compression = compression
        self.checksum_size, self.checksum = CHECKSUMS[checksum]

    def segments(self) -> Iterator[bytes]:
        """Verify and decompress the segments, cluster by cluster."""
        place, mac, left = self.end, self.first_mac, self.size
        number, budget = 0, MatchBudget()
        while left:
            key = _derive(self.key, b"AEA_CK" + number.to_bytes(4, "little"))
            headers, mac, segment_macs, place = self._cluster_header(place, mac, key)
            for index, (size, stored_size, checksum) in enumerate(headers):
                if size != min(left, self.segment_size):
                    raise damaged_archive(f"a segment of {size} bytes with {left} left")
                stored = self.data[place : place + stored_size]
                segment_key = _derive(key, b"AEA_SK" + index.to_bytes(4, "little"))
                _check_mac(segment_macs[index], segment_key, stored, b"", "a segment")
                content = self._decompress(stored, size, budget)
                if self.checksum(content) != checksum:
                    raise _forged("the checksum of a segment is wrong")
                yield content
                place, left = place + stored_size, left - size
                if not left:
                    break
            number += 1
        if place != len(self.data):
            raise damaged_archive(f"{len(self.data) - place} bytes after the last segment")

    def _cluster_header(
        self, place: int, mac: bytes, key: bytes
    ) -> tuple[Iterator[tuple[int, int, bytes]], bytes, list[bytes], int]:
        """Verify the header of a cluster.

        Returns:
            The segment headers (size, stored size, checksum), the MAC of the next cluster's header, the
            MACs of the segments, and the byte at which the first segment starts.

        """
        count = self.segments_per_cluster
        header = struct.Struct(f"<II{self.checksum_size}s")
        macs_at = place + count * header.size
        end = macs_at + (1 + count) * MAC_BYTES
        if count == 0 or end > len(self.data):
            raise damaged_archive(f"a cluster of {count} segments does not fit the file")
        headers, salt = self.data[place:macs_at], self.data[macs_at:end]
        _check_mac(mac, _derive(key, b"AEA_CHEK"), headers, salt, "a cluster header")
        macs = [salt[start : start + MAC_BYTES] for start in range(0, len(salt), MAC_BYTES)]
        return header.iter_unpack(headers), macs[0], macs[1:], end

    def _decompress(self, stored: bytes, size: int, budget: MatchBudget) -> bytes:
        """Decompress a segment; one that is stored at its full size is not compressed."""
        if len(stored) == size:
            return stored
        if self.compression != b"e":
            raise damaged_archive("an uncompressed segment of the wrong size")
        check_lzfse(stored, size, budget)
        try:
            content: bytes = lzfse.decompress(stored)
        except (lzfse.error, MemoryError) as error:
            raise damaged_archive("a segment does not decompress") from error
        if len(content) != size:
            raise damaged_archive(f"a segment decompresses to {len(content)} bytes, not {size}")
        return content
