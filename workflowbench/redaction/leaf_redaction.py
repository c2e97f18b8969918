"""Redacts the leaves of a property list: texts and bytes, each with what its surroundings say about it."""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from workflowbench.redaction.base64_text import BASE64, as_text, decoded, encoded_like
from workflowbench.redaction.credits import credited_names
from workflowbench.redaction.field_names import CONSTANTS, is_secret
from workflowbench.redaction.inventory import Inventory
from workflowbench.redaction.pictures import is_harmless, is_picture
from workflowbench.redaction.placeholders import Kind, Placeholders
from workflowbench.redaction.screening import screen
from workflowbench.redaction.text_detection import Span, find_spans, pieces

_CONTACT_KINDS = frozenset({Kind.PERSON, Kind.EMAIL, Kind.PHONE})
_ITEM = re.compile(r"[^,;\n]+")
_LINE = re.compile(r"[^\n]+")
_STRING_HEAD = re.compile(r"[_o](?:\x10.|\x11..)", re.DOTALL)
_SCHEME = re.compile(r"(?i)\s*(?:bearer|basic|digest|token|apikey|key|oauth|bot|client-id)(?:\s+|$)")
_DIALLED = re.compile(r"\+?[\d\s()./-]{5,24}")
_MIN_BASE64_CHARS = 24
_MAX_BASE64_LAYERS = 3
_VCARD = b"BEGIN:VCARD"
_REDACTED_VCARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{}\r\nEND:VCARD\r\n"
_REDACTED_BYTES = re.compile(
    re.escape(_REDACTED_VCARD).replace(r"\{\}", "<[A-Z]+_[0-9]+>").encode() + rb"|<[A-Z]+_[0-9]+>"
)
_MIN_KNOWN_CHARS = 8
_MAX_KNOWN = 256
"""More values than any real shortcut holds; looking for each of them everywhere takes time for each."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the surroundings of a value say about it.

    Attributes:
        kind: Kind of the value.
        name: Name under which it stands, if only secrets are to be redacted there; None if everything is.
    """

    kind: Kind
    name: str | None = None


CREDITS = Context(Kind.PERSON, "credits")
"""Where authors name themselves and others: comments, titles and descriptions."""


class LeafRedactor:
    """Redacts the leaves of one shortcut.

    Args:
        placeholders: Where placeholders come from.
    """

    def __init__(self, placeholders: Placeholders) -> None:
        self.placeholders = placeholders
        self._known: re.Pattern[str] | None = None
        self._encoded: set[str] = set()
        self._suspects: set[str] = set()
        self._redacted: dict[str, str] = {}

    def screen(self, inventory: Inventory, seen: Set[str]) -> bool:
        """Choose what of a shortcut to look at; False if there is nothing.

        Args:
            inventory: What the shortcut holds.
            seen: Texts that an earlier call has screened: only values found since can be news in them.
        """
        self._redacted.clear()
        screened = screen(inventory.leaves - seen)
        self._encoded = (self._encoded & inventory.leaves) | screened.encoded
        self._suspects = screened.suspects | screened.encoded
        known = self.placeholders.texts(_MIN_KNOWN_CHARS)
        if not known:
            return bool(self._suspects)
        self._known = _any_of(known)
        self._suspects |= self._encoded | _holders(known, inventory.leaves)
        return bool(self._suspects) or inventory.has_bytes

    def text(self, value: str, context: Context | None) -> str:
        """A text with placeholders."""
        if context is None:
            return self._free_text_once(value) if value in self._suspects else value
        spans = credited_names(value) if context is CREDITS else _context_spans(value, context)
        redacted = self._free_text(self._replace(value, list(spans)))
        return value if redacted == value else redacted

    def data(self, value: bytes, context: Context | None, layers: int = 0) -> bytes:
        """Bytes with placeholders; those that cannot be edited are replaced as a whole."""
        if not value or _REDACTED_BYTES.fullmatch(value):
            return value
        if context is not None and context.name is None:
            return self._replace_bytes(value)
        if is_harmless(value):
            return value
        if is_picture(value):
            return self._replace_bytes(value)
        text = as_text(value)
        if text is not None:
            redacted = self._free_text(text, layers)
            return value if redacted == text else redacted.encode("utf-8", "surrogatepass")
        is_clean = all(self._free_text(reading) == reading for reading in _readings(value))
        return value if is_clean else self._replace_bytes(value)

    def _replace_bytes(self, value: bytes) -> bytes:
        if value.lstrip().upper().startswith(_VCARD):
            return _REDACTED_VCARD.format(self.placeholders.replace(value, Kind.PERSON)).encode()
        return self.placeholders.replace(value, Kind.DATA).encode()

    def _free_text_once(self, text: str) -> str:
        redacted = self._redacted.get(text)
        if redacted is None:
            redacted = self._redacted[text] = self._free_text(text)
        return text if redacted == text else redacted

    def _free_text(self, text: str, layers: int = 0) -> str:
        """A text with placeholders, what base64 in it hides included."""
        if len(text) >= _MIN_BASE64_CHARS and layers < _MAX_BASE64_LAYERS:
            text = BASE64.sub(lambda match: self._inside_base64(match, layers + 1), text)
        if self._known is not None:
            text = self._replace(text, [(*match.span(), Kind.KEY) for match in self._known.finditer(text)])
        return self._replace(text, find_spans(text))

    def _inside_base64(self, match: re.Match[str], layers: int) -> str:
        data = decoded(match)
        if data is None:
            return match[0]
        redacted = self.data(data, None, layers)
        return match[0] if redacted == data else encoded_like(match, redacted)

    def _replace(self, text: str, spans: list[Span]) -> str:
        parts, end = [], 0
        for start, stop, kind in spans:
            parts += [text[end:start], self.placeholders.replace(text[start:stop], kind)]
            end = stop
        return "".join([*parts, text[end:]]) if spans else text


def _readings(value: bytes) -> Iterator[str]:
    """Bytes that are no text as the texts that they may hold: as they are, and one byte for each of UTF-16.

    The length before a text of a binary property list may look like a letter: a blank takes its place.
    """
    raw = value.decode("latin-1")
    yield raw
    if value.startswith(b"bplist"):
        yield _STRING_HEAD.sub(" ", raw)
    yield raw.removeprefix("\xff\xfe").removeprefix("\xfe\xff").replace("\0", "")


def _any_of(values: list[str]) -> re.Pattern[str]:
    """A pattern for values that stand somewhere as a word."""
    longest_first = sorted(values, key=lambda value: (-len(value), value))[:_MAX_KNOWN]
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def _holders(values: list[str], leaves: Set[str]) -> set[str]:
    """The leaves in which one of the values still stands."""
    whole = "\n".join(leaves)
    left = [value for value in values if value in whole]
    return {leaf for leaf in leaves if any(value in leaf for value in left)} if left else set()


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
