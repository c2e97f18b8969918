"""Redacts the leaves of a property list: texts and bytes, each with what its surroundings say about it."""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from workflowbench.redaction.field_names import CONSTANTS, is_secret
from workflowbench.redaction.placeholders import Kind, Placeholders
from workflowbench.redaction.text_detection import Span, TextDetector, find_spans, pieces

_CONTACT_KINDS = frozenset({Kind.PERSON, Kind.EMAIL, Kind.PHONE})
_ITEM = re.compile(r"[^,;\n]+")
_LINE = re.compile(r"[^\n]+")
_SCHEME = re.compile(r"(?i)\s*(?:bearer|basic|digest|token|apikey|key|oauth|bot|client-id)(?:\s+|$)")
_DIALLED = re.compile(r"\+?[\d\s()./-]{5,24}")
_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/]{24,}={0,2}(?![\w+/=-])")
_MIN_BASE64_CHARS = 24
_EXIF = b"Exif\0\0"
_GPS_TAGS = (b"\x88\x25\0\4", b"\x25\x88\4\0")
"""Entry of the GPS directory in a photo's Exif data, of type LONG, in both byte orders."""
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*")
_HEADER_BYTES = 1 << 16
_VCARD = b"BEGIN:VCARD"
_REDACTED_VCARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{}\r\nEND:VCARD\r\n"
_REDACTED_BYTES = re.compile(
    re.escape(_REDACTED_VCARD).replace(r"\{\}", "<[A-Z]+_[0-9]+>").encode() + rb"|<[A-Z]+_[0-9]+>"
)
_MIN_KNOWN_CHARS = 8
_MAX_KNOWN = 256
"""More values than any real shortcut holds; looking for each of them everywhere takes time for each."""
_SPREADING = frozenset({Kind.EMAIL, Kind.PHONE, Kind.KEY, Kind.PASSWORD})


@dataclass(frozen=True, slots=True)
class Context:
    """What the surroundings of a value say about it.

    Attributes:
        kind: Kind of the value.
        name: Name under which it stands, if only secrets are to be redacted there; None if everything is.
    """

    kind: Kind
    name: str | None = None


class LeafRedactor:
    """Redacts the leaves of one shortcut.

    Args:
        leaves: Every text of the shortcut.
        placeholders: Where placeholders come from.
    """

    def __init__(self, leaves: Collection[str], placeholders: Placeholders) -> None:
        self.placeholders = placeholders
        self._known = _known_values(placeholders)
        self._detector = TextDetector("\n".join(leaves))
        self._redacted: dict[str, str] = {}
        self._suspects = {leaf for leaf in leaves if self._is_suspect(leaf)}

    @property
    def has_suspects(self) -> bool:
        """True if some text must be looked at closely."""
        return bool(self._suspects)

    def text(self, value: str, context: Context | None) -> str:
        """A text with placeholders."""
        if context is None:
            if value not in self._suspects:
                return value
            redacted = self._redacted.get(value)
            if redacted is None:
                redacted = self._redacted[value] = self._free_text(value)
            return value if redacted == value else redacted
        redacted = self._free_text(self._replace(value, list(_context_spans(value, context))))
        return value if redacted == value else redacted

    def data(self, value: bytes, context: Context | None) -> bytes:
        """Bytes with placeholders; those that cannot be edited are replaced as a whole."""
        if not value or _REDACTED_BYTES.fullmatch(value):
            return value
        if context is not None and context.name is None:
            return self._replace_bytes(value)
        if is_harmless(value):
            return value
        if value.startswith(_IMAGES):
            return self._replace_bytes(value)
        text = _as_text(value)
        if text is not None:
            redacted = self._replace(text, find_spans(text))
            return value if redacted == text else redacted.encode("utf-8", "surrogatepass")
        return self._replace_bytes(value) if find_spans(value.decode("latin-1")) else value

    def _is_suspect(self, leaf: str) -> bool:
        return (
            (self._detector.is_suspect(leaf) and bool(self._detector.spans(leaf)))
            or (len(leaf) >= _MIN_BASE64_CHARS and any(map(_decoded, _BASE64.findall(leaf))))
            or (self._known is not None and self._known.search(leaf) is not None)
        )

    def _replace_bytes(self, value: bytes) -> bytes:
        if value.lstrip().upper().startswith(_VCARD):
            return _REDACTED_VCARD.format(self.placeholders.replace(value, Kind.PERSON)).encode()
        return self.placeholders.replace(value, Kind.DATA).encode()

    def _free_text(self, text: str) -> str:
        text = _BASE64.sub(self._encoded, text)
        if self._known is not None:
            text = self._replace(text, [(*match.span(), Kind.KEY) for match in self._known.finditer(text)])
        return self._replace(text, self._detector.spans(text))

    def _encoded(self, match: re.Match[str]) -> str:
        decoded = _decoded(match[0])
        if decoded is None:
            return match[0]
        redacted = self.data(decoded, None)
        return match[0] if redacted == decoded else b64encode(redacted).decode()

    def _replace(self, text: str, spans: list[Span]) -> str:
        parts, end = [], 0
        for start, stop, kind in spans:
            parts += [text[end:start], self.placeholders.replace(text[start:stop], kind)]
            end = stop
        return "".join([*parts, text[end:]]) if spans else text


def _known_values(placeholders: Placeholders) -> re.Pattern[str] | None:
    """What was found elsewhere, if it is long enough to be the same thing wherever it stands."""
    known = placeholders.texts(_SPREADING, _MIN_KNOWN_CHARS)
    if not known:
        return None
    longest_first = sorted(known, key=lambda value: (-len(value), value))[:_MAX_KNOWN]
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def _context_spans(text: str, context: Context) -> Iterator[Span]:
    """What of a text is personal or secret because of where it stands."""
    item = _ITEM if context.kind in _CONTACT_KINDS else _LINE
    for start, piece in pieces(text):
        scheme = _SCHEME.match(piece) if context.name else None
        for match in item.finditer(piece, scheme.end() if scheme else 0):
            value = match[0].strip()
            if not any(char.isalnum() for char in value) or value in CONSTANTS:
                continue
            if context.name is None or is_secret(context.name, value):
                begin = start + match.start() + match[0].index(value)
                yield begin, begin + len(value), _kind_of(value, context.kind)


def _kind_of(value: str, expected: Kind) -> Kind:
    if expected in _CONTACT_KINDS and "@" in value:
        return Kind.EMAIL
    return Kind.PHONE if expected is Kind.PERSON and _DIALLED.fullmatch(value) else expected


def is_harmless(data: bytes) -> bool:
    """True for bytes that hold nothing to redact unless a parameter says so: images without a place."""
    return not data or (data.startswith(_IMAGES) and not _has_place(data))


def _has_place(image: bytes) -> bool:
    """True for a photo whose Exif data says where it was taken."""
    exif = image[:_HEADER_BYTES].partition(_EXIF)[2]
    return any(tag in exif for tag in _GPS_TAGS)


def _decoded(base64: str) -> bytes | None:
    """The text or image that base64 decodes to, None if it is no base64 of either."""
    try:
        data = b64decode(base64, validate=True)
    except binascii.Error:
        return None
    return data if data.startswith(_IMAGES) or _as_text(data) is not None else None


def _as_text(data: bytes) -> str | None:
    """Bytes as text, None if they are none."""
    if b"\0" in data[:_HEADER_BYTES]:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None
