"""Who signed a shortcut: the certificates in the auth data of a signed archive.

What is proven differs by kind:

- iCloud-signed (shared by link): Apple signed it. The chain ends at a pinned root, every issuer is a
  certificate authority, and the leaf bears Apple's mark for the signing of shortcuts.
- Contact-signed (shared between people): the file is whole, and the holder of the leaf's key signed it.
  The leaf is checked against the intermediate in the file, but Apple's root is not in the file, so that
  anyone could have made both. Names and key identifiers are copied as easily and are not compared.

Expiry is ignored: a leaf lives for 13 months, a shortcut for years, and the file holds no trusted time
of its signing. Revocation would need a network. The auth data also holds the signer's Apple ID record,
which is neither read nor kept.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    DuplicateExtension,
    ExtensionNotFound,
    InvalidVersion,
    NameOID,
    ObjectIdentifier,
    UnsupportedGeneralNameType,
    load_der_x509_certificate,
)

from workflowbench.shortcuts.binary_plist import read_binary_plist
from workflowbench.shortcuts.limits import Limits
from workflowbench.shortcuts.rejection import RejectedShortcut

# SHA-256 of "Apple Root CA - G3", as Apple publishes it with its certificate authorities.
APPLE_ROOTS = frozenset({"63343abfb89a6a03ebb57e9b3f5fa7be7c4f5c756f3017b3a8c488c3653e9179"})
SHORTCUT_SIGNING = ObjectIdentifier("1.2.840.113635.100.18.1")
ICLOUD_ID = re.compile("[0-9a-f]{32}")
AUTH_LIMITS = Limits(nodes=1000, depth=8)
LONGEST_CHAIN = 5
PSS_SALT_BYTES = 32
# What `cryptography` raises for fields and certificates that it cannot read.
UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    DuplicateExtension,
    InvalidVersion,
    UnsupportedAlgorithm,
    UnsupportedGeneralNameType,
)


@dataclass(frozen=True, slots=True)
class Signer:
    """The key that signs an archive, and what its certificates say of it.

    Attributes:
        signed_by: `icloud` or `contact`.
        icloud_id: The record's 32 lower-case hexadecimal digits; None for a contact.
        public_key: P-256 key that verifies the archive.

    """

    signed_by: str
    icloud_id: str | None
    public_key: EllipticCurvePublicKey


def read_signer(auth_data: bytes, trusted_roots: frozenset[str] = APPLE_ROOTS) -> Signer:
    """Verify the certificates of an archive.

    Args:
        auth_data: The archive's auth data, a binary property list.
        trusted_roots: SHA-256 fingerprints of the accepted roots, in lower-case hexadecimal.

    Raises:
        RejectedShortcut: `damaged_archive` if the auth data cannot be read, `forged_archive` if a
            certificate or a signature does not hold.

    """
    try:
        fields = read_binary_plist(auth_data, AUTH_LIMITS)
    except RejectedShortcut as rejection:
        raise _damaged(rejection.detail) from rejection
    if not isinstance(fields, dict):
        raise _damaged("no dictionary")
    try:
        if "SigningCertificateChain" in fields:
            return _icloud_signer(_certificates(fields["SigningCertificateChain"]), trusted_roots)
        return _contact_signer(fields)
    except UNREADABLE as error:
        raise _damaged(f"{type(error).__name__} in the certificates") from error


def _damaged(what: str) -> RejectedShortcut:
    return RejectedShortcut("damaged_archive", f"auth data: {what}; fetch the file again")


def _forged(what: str) -> RejectedShortcut:
    return RejectedShortcut("forged_archive", f"{what}; do not trust this copy")


def _certificates(chain: object) -> list[Certificate]:
    if not isinstance(chain, list) or not 2 <= len(chain) <= LONGEST_CHAIN:
        raise _damaged("the chain has no 2 to 5 certificates")
    return [load_der_x509_certificate(der) for der in chain]


def _icloud_signer(chain: Sequence[Certificate], trusted_roots: frozenset[str]) -> Signer:
    leaf, root = chain[0], chain[-1]
    if root.fingerprint(SHA256()).hex() not in trusted_roots:
        raise _forged("the certificate chain ends at an unknown root")
    _check_issued(chain)
    if not any(extension.oid == SHORTCUT_SIGNING for extension in leaf.extensions):
        raise _forged("the certificate is not one for signing shortcuts")
    names = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if len(names) != 1 or not ICLOUD_ID.fullmatch(str(names[0].value).lower()):
        raise _forged("the certificate names no iCloud record")
    key = leaf.public_key()
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise _forged("the certificate's key is not on P-256")
    return Signer("icloud", str(names[0].value).lower(), key)


def _contact_signer(fields: dict[str, object]) -> Signer:
    chain = _certificates(fields["AppleIDCertificateChain"])
    _check_issued(chain)
    point = cast(bytes, fields["SigningPublicKey"])
    apple_id_key = chain[0].public_key()
    if not isinstance(apple_id_key, RSAPublicKey):
        raise _forged("the Apple ID certificate has no RSA key")
    try:
        apple_id_key.verify(
            cast(bytes, fields["SigningPublicKeySignature"]),
            point,
            PSS(MGF1(SHA256()), PSS_SALT_BYTES),
            SHA256(),
        )
    except InvalidSignature as error:
        raise _forged("the Apple ID certificate did not sign the signing key") from error
    return Signer("contact", None, EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point))


def _check_issued(chain: Sequence[Certificate]) -> None:
    """Check that each certificate was issued by the next, which is a certificate authority."""
    for certificate, issuer in pairwise(chain):
        try:
            certificate.verify_directly_issued_by(issuer)
            is_authority = issuer.extensions.get_extension_for_class(BasicConstraints).value.ca
        except (InvalidSignature, ExtensionNotFound, ValueError) as error:
            raise _forged("a certificate was not issued by the next in the chain") from error
        if not is_authority:
            raise _forged("a certificate was issued by one that is no authority")
