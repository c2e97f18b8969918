"""Signed shortcuts made for tests: a throwaway certificate authority, and archives of any fault."""

import datetime
import hashlib
import hmac
import os
import plistlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import lzfse
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workflowbench.shortcuts.murmur import murmur64a

ICLOUD_ID = "0123456789abcdef0123456789abcdef"
SHORTCUT_SIGNING = x509.ObjectIdentifier("1.2.840.113635.100.18.1")
WORKFLOW = {"WFWorkflowActions": [{"WFWorkflowActionIdentifier": "is.workflow.actions.nothing"}]}
CHECKSUMS: dict[int, Callable[[bytes], bytes]] = {
    0: lambda _: b"",
    1: lambda content: murmur64a(content, 0xE2236FDC26A5F6D2).to_bytes(8, "little"),
    2: lambda content: hashlib.sha256(content).digest(),
}


@dataclass(frozen=True)
class Identity:
    """A key that signs archives, the auth data that vouches for it, and the root that vouches for that."""

    key: ec.EllipticCurvePrivateKey
    auth_data: bytes
    roots: frozenset[str]


def certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    *,
    is_authority: bool = True,
    is_for_signing: bool = False,
) -> x509.Certificate:
    """Make a certificate that has long expired, as those in old shortcuts have."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2020, 1, 1))
        .not_valid_after(datetime.datetime(2021, 1, 1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if is_for_signing:
        builder = builder.add_extension(x509.UnrecognizedExtension(SHORTCUT_SIGNING, b"\x05\x00"), False)
    return builder.sign(issuer_key, SHA256())


@cache
def icloud_identity(
    name: str = ICLOUD_ID,
    *,
    authority_issues: bool = True,
    is_for_signing: bool = True,
    issuer_holds_key: bool = True,
) -> Identity:
    """Make the identity of an iCloud-signed shortcut: leaf, intermediate, root."""
    leaf_key, middle_key, root_key, other_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(4))
    root = certificate("Root", root_key, "Root", root_key)
    middle = certificate("Middle", middle_key, "Root", root_key, is_authority=authority_issues)
    leaf_issuer = middle_key if issuer_holds_key else other_key
    leaf = certificate(
        name, leaf_key, "Middle", leaf_issuer, is_authority=False, is_for_signing=is_for_signing
    )
    chain = [each.public_bytes(Encoding.DER) for each in (leaf, middle, root)]
    auth_data = plistlib.dumps({"SigningCertificateChain": chain}, fmt=plistlib.FMT_BINARY)
    return Identity(leaf_key, auth_data, frozenset({root.fingerprint(SHA256()).hex()}))


@cache
def contact_identity(*, apple_id_signs: bool = True) -> Identity:
    """Make the identity of a contact-signed shortcut: an Apple ID certificate signs the signing key."""
    signing_key = ec.generate_private_key(ec.SECP256R1())
    leaf_key, middle_key, other_key = (rsa.generate_private_key(65537, 2048) for _ in range(3))
    middle = certificate("Middle", middle_key, "Root", other_key)
    leaf = certificate("Somebody", leaf_key, "Middle", middle_key, is_authority=False)
    point = signing_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    pss = padding.PSS(padding.MGF1(SHA256()), 32)
    fields = {
        "AppleIDCertificateChain": [each.public_bytes(Encoding.DER) for each in (leaf, middle)],
        "SigningPublicKey": point,
        "SigningPublicKeySignature": (leaf_key if apple_id_signs else other_key).sign(point, pss, SHA256()),
        "AppleIDValidationRecord": b"not read",
    }
    return Identity(signing_key, plistlib.dumps(fields, fmt=plistlib.FMT_BINARY), frozenset())


def apple_archive(*entries: tuple[str, str, bytes], magic: bytes = b"AA01") -> bytes:
    """Make an Apple Archive of entries (type letter, path, content)."""
    return b"".join(_entry(kind, path.encode(), content, magic) for kind, path, content in entries)


def _entry(kind: str, path: bytes, content: bytes, magic: bytes) -> bytes:
    fields = b"TYP1" + kind.encode() + b"PATP" + struct.pack("<H", len(path)) + path
    fields += b"MOD2" + struct.pack("<H", 0o644) + b"MTMT" + bytes(12)
    if kind == "F":
        fields += b"DATB" + struct.pack("<I", len(content))
    return magic + struct.pack("<H", 6 + len(fields)) + fields + content


def shortcut_content(workflow: object = WORKFLOW) -> bytes:
    """Make the content of a signed shortcut, as Shortcuts writes it."""
    plist = plistlib.dumps(workflow, fmt=plistlib.FMT_BINARY)
    return apple_archive(("D", "", b""), ("F", "Shortcut.wflow", plist))


def sign(
    content: bytes,
    identity: Identity,
    *,
    compression: bytes = b"e",
    compress: Callable[[bytes], bytes] = lzfse.compress,
    checksum: int = 2,
    segment_size: int = 1 << 20,
    per_cluster: int = 4,
    size: int | None = None,
    file_size: int | None = None,
    profile: bytes = bytes(4),
) -> bytes:
    """Make a signed archive whose signature and MACs hold, whatever else is said of it."""
    key_bytes = identity.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    seed, salt = os.urandom(32), os.urandom(32)
    main = hkdf(seed, b"AEA_AMK" + profile + key_bytes, salt)
    segments = [content[place : place + segment_size] for place in range(0, len(content), segment_size)]
    clusters = [segments[place : place + per_cluster] for place in range(0, len(segments), per_cluster)]
    body, cluster_mac = b"", os.urandom(32)
    for number in reversed(range(len(clusters))):
        key = hkdf(main, b"AEA_CK" + struct.pack("<I", number))
        headers, macs, stored = _cluster(clusters[number], key, per_cluster, checksum, compress)
        next_mac, cluster_mac = cluster_mac, mac(hkdf(key, b"AEA_CHEK"), headers, cluster_mac + macs)
        body = headers + next_mac + macs + stored + body
    start = 12 + len(identity.auth_data)
    whole = start + 304 + len(body)
    sizes = (
        len(content) if size is None else size,
        whole if file_size is None else file_size,
        segment_size,
        per_cluster,
    )
    root = struct.pack("<QQIIcB22x", *sizes, compression, checksum)
    root_mac = mac(hkdf(main, b"AEA_RHEK"), root, cluster_mac + identity.auth_data)
    head = b"AEA1" + profile + struct.pack("<I", len(identity.auth_data)) + identity.auth_data
    tail = seed + salt + root_mac + root + cluster_mac
    signature = identity.key.sign(head + bytes(128) + tail, ec.ECDSA(SHA256()))
    return head + signature.ljust(128, b"\0") + tail + body


def _cluster(
    segments: list[bytes], key: bytes, per_cluster: int, checksum: int, compress: Callable[[bytes], bytes]
) -> tuple[bytes, bytes, bytes]:
    headers = macs = stored = b""
    for index, segment in enumerate(segments):
        packed = compress(segment)
        headers += struct.pack("<II", len(segment), len(packed)) + CHECKSUMS[checksum](segment)
        macs += mac(hkdf(key, b"AEA_SK" + struct.pack("<I", index)), packed, b"")
        stored += packed
    unused = per_cluster - len(segments)
    headers += bytes(unused * (8 + len(CHECKSUMS[checksum](b""))))
    return headers, macs + bytes(32 * unused), stored


def hkdf(key: bytes, info: bytes, salt: bytes = b"") -> bytes:
    """Derive 32 bytes by HKDF-SHA256."""
    return hmac.digest(hmac.digest(salt, key, "sha256"), info + b"\x01", "sha256")


def mac(key: bytes, content: bytes, salt: bytes) -> bytes:
    """Compute a MAC as the archive format has it."""
    return hmac.digest(key, salt + content + struct.pack("<Q", len(salt)), "sha256")
