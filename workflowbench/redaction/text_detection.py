"""Finds personal data and secrets in free text: source code, URLs, messages, JSON."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import ip_address
from string import ascii_letters, digits
from typing import NamedTuple

import phonenumbers

from workflowbench.redaction.field_names import is_secret, looks_like_key, secret_kind
from workflowbench.redaction.marks import Mark, holds_any
from workflowbench.redaction.placeholders import PLACEHOLDER, Kind
from workflowbench.redaction.secret_patterns import active_patterns

Span = tuple[int, int, Kind]
"""Start and end in a text, and what lies there."""

OBJECT_REPLACEMENT = "\ufffc"
_FIXED = re.compile(rf"{PLACEHOLDER.pattern}|{OBJECT_REPLACEMENT}")
MIN_SECRET_CHARS = 18
"""The shortest match of any secret pattern is longer, what it must stand behind included."""
_LOCAL_PART = re.compile(r"[\w.%+-]{1,64}\Z")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w-])")
_RESERVED_DOMAIN = re.compile(r"(?i)(?:^|\.)(?:example(?:\.(?:com|org|net))?|test|invalid|localhost)$")
_FILE_ENDING = re.compile(r"(?i)\.(?:png|jpe?g|gif|svg|webp|heic|pdf|js|mjs|css|html?|json|shortcut)$")
_FUNCTIONAL_USER = "git"

_USERINFO = re.compile(r"://([^/\s:@?#<>\"']{1,256}):([^/\s@?#<>\"']{1,256})@")
_ASSIGNMENT = re.compile(
    r"(key|token|secret|passw(?:or)?d|passphrase|passcode|pwd|auth(?:orization)?|appid|sig(?:nature)?"
    r"|session(?:[_-]?id)?|cookie)\\?[\"']?[ \t]{0,4}[:=][ \t]{0,4}(\\?[\"']?)([^\s\"'&;,<>#\\]+)"
)
_NAME_START = re.compile(r"[\w.-]{0,32}\Z")
_PLAIN_VALUE = re.compile(r"[\w.~+/=%-]+")

_IPV4 = re.compile(
    r"(?<![\w./-])(?:(?<=//)|(?<!/))\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)|(?<=//)\d{1,3}(?:\.\d{1,3}){3}(?![\w.-])"
)
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]{2,34}(?![\w:.])")
_VERSION_BEFORE = re.compile(r"(?i)(?:version|ver|v|build|release|section)[^\w\x1f]{0,4}\Z")
_PUBLIC_RESOLVERS = frozenset({"1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "149.112.112.112"})

_INTERNATIONAL_PHONE = re.compile(r"\+(?<![\w+]\+)\d[\d ().-]{6,20}\d(?!\w)")
_AMERICAN_PHONE = re.compile(r"(?:\(\d{3}\) ?|\d{3}[- ])\d{3}[- ]\d{4}(?![\w/-]|\.\d)")
_NUMBER_CHARS = frozenset(".+/-_" + ascii_letters + digits)
_PHONE_LINK = re.compile(
    r"(?:(?:tel|sms|facetime|facetime-audio|imessage):/{0,2}|[?&]phone=|wa\.me/)(\+?\d[\d.()-]{4,20})"
)

_NUMBER = r"-?\d{1,3}\.\d{3,}"
_POINT = re.compile(
    rf"(?i)(?<!\w)(?:ll|sll|saddr|daddr|q|loc|location|coordinates?|center|near|geo)[\"']?[=:] ?[\"'\[]?"
    rf"({_NUMBER}(?:,|%2C) ?{_NUMBER})(?![\d.])"
)
_COORDINATE = re.compile(
    rf"(?i)(?<!\w)(?:lat|lon|lng|long|latitude|longitude)[\"']?[=:] ?[\"']?({_NUMBER})(?![\d.])"
)
_HOME = re.compile(r"(?:/Users/|\\Users\\|(?<![\w./])/home/)(\w[\w.-]*)(?=[/\\])")
_NOBODY = frozenset({"Shared", "Public", "Default", "USERNAME", "user", "username", "me", "runner"})


class Finder(NamedTuple):
    """Finds one kind of thing in texts that hold one of its marks."""

    marks: tuple[Mark, ...]
    find: Callable[[str], Iterator[Span]]


def find_spans(text: str) -> list[Span]:
    """Personal data and secrets in a text, in order, without overlaps.

    Placeholders and the places of attachments (U+FFFC) are never part of one.
    """
    lowered = text.lower()
    finders = [finder.find for finder in FINDERS if holds_any(lowered, finder.marks)]
    patterns = active_patterns(lowered) if len(text) >= MIN_SECRET_CHARS else []
    if not finders and not patterns:
        return []
    spans: list[Span] = []
    for start, piece in pieces(text):
        keys = ((*span, Kind.KEY) for pattern in patterns for span in pattern.spans(piece))
        found = [*keys, *(span for find in finders for span in find(piece))]
        spans += [(start + begin, start + end, kind) for begin, end, kind in _disjoint(found, len(piece))]
    return sorted(spans)


def _disjoint(spans: list[Span], length: int) -> Iterator[Span]:
    """The spans of a text of this length that overlap no earlier one of the list."""
    taken = bytearray(length)
    for start, end, kind in spans:
        if start < end and 1 not in taken[start:end]:
            taken[start:end] = b"\1" * (end - start)
            yield start, end, kind


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """The text between placeholders and attachments, each piece with its start."""
    start = 0
    for match in _FIXED.finditer(text):
        yield start, text[start : match.start()]
        start = match.end()
    yield start, text[start:]


def _userinfo(text: str) -> Iterator[Span]:
    for match in _USERINFO.finditer(text):
        yield (*match.span(1), Kind.USER)
        yield (*match.span(2), Kind.PASSWORD)


def _named_secrets(text: str) -> Iterator[Span]:
    """Values of assignments and query items; outside quotes and URLs, only what no program computes."""
    for match in _ASSIGNMENT.finditer(lower_case(text)):
        before = _NAME_START.search(text[max(0, match.start(1) - 32) : match.start(1)])
        prefix = before[0] if before else ""
        start = match.start(1) - len(prefix)
        name, value = prefix + match[1], text[match.start(3) : match.end(3)]
        is_literal = match[2] or text[start - 1 : start] in ("?", "&", ";")
        kind = secret_kind(name)
        if kind is None or not (is_literal or (looks_like_key(value) and _PLAIN_VALUE.fullmatch(value))):
            continue
        if is_secret(name, value):
            yield (*match.span(3), kind)


def lower_case(text: str) -> str:
    """The text in lower case, character by character; only U+0130 would become two."""
    return text.replace("\u0130", "i").lower()


def _mailboxes(text: str) -> Iterator[Span]:
    for match in re.finditer("@|%40", text):
        local = _LOCAL_PART.search(text[max(0, match.start() - 64) : match.start()])
        domain = _DOMAIN.match(text, match.end())
        if local is None or domain is None or not any(char.isalnum() for char in local[0]):
            continue
        if (
            local[0] == _FUNCTIONAL_USER
            or _RESERVED_DOMAIN.search(domain[0])
            or _FILE_ENDING.search(domain[0])
        ):
            continue
        yield match.start() - len(local[0]), domain.end(), Kind.EMAIL


def _addresses(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    """Public IP addresses; private ones, documentation ranges and public resolvers tell nothing."""
    for match in pattern.finditer(text):
        if _VERSION_BEFORE.search(text, max(0, match.start() - 12), match.start()):
            continue
        if match[0] not in _PUBLIC_RESOLVERS and _is_global(match[0]):
            yield (*match.span(), Kind.IP)


def _is_global(text: str) -> bool:
    try:
        return ip_address(text).is_global
    except ValueError:
        return False


def _phones(text: str) -> Iterator[Span]:
    for match in _PHONE_LINK.finditer(text):
        yield (*match.span(1), Kind.PHONE)
    for pattern, region in ((_INTERNATIONAL_PHONE, None), (_AMERICAN_PHONE, "US")):
        for match in pattern.finditer(text):
            is_part = text[match.start() - 1 : match.start()] in _NUMBER_CHARS
            if not is_part and is_phone_number(match[0], region):
                yield (*match.span(), Kind.PHONE)


def is_phone_number(text: str, region: str | None = None) -> bool:
    """True if a number of this form is assigned; without a region, it must start with `+`."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def _places(text: str) -> Iterator[Span]:
    for pattern in (_POINT, _COORDINATE):
        for match in pattern.finditer(text):
            yield (*match.span(1), Kind.LOCATION)


def _home_folders(text: str) -> Iterator[Span]:
    for match in _HOME.finditer(text):
        if match[1] not in _NOBODY:
            yield (*match.span(1), Kind.USER)


_AREA_BEFORE = r"(?<=\d{{3}}[- ]\d{{3}}{0}\d{{4}})|(?<=\)\d{{3}}{0}\d{{4}})|(?<=\) \d{{3}}{0}\d{{4}})"

FINDERS: tuple[Finder, ...] = (
    Finder(("://",), _userinfo),
    Finder(
        (
            *("key", "token", "secret", "passw", "passphrase", "passcode"),
            *("pwd", "auth", "appid", "sig", "session", "cookie"),
        ),
        _named_secrets,
    ),
    Finder(("@", "%40"), _mailboxes),
    Finder((re.compile(r"\.\d{1,3}\.\d{1,3}\.\d"),), partial(_addresses, _IPV4)),
    Finder(("::", re.compile(":[0-9a-f]{1,4}:[0-9a-f]{1,4}:")), partial(_addresses, _IPV6)),
    Finder(
        (
            re.compile(r"\+\d[\d ().-]{6}"),
            *(re.compile(rf"{sign}\d{{4}}(?:{_AREA_BEFORE.format(sign)})") for sign in "- "),
            *("tel:", "sms:", "facetime:", "facetime-audio:", "imessage:", "phone=", "wa.me/"),
        ),
        _phones,
    ),
    Finder(tuple(re.compile(rf"{sign}[ \"'\[]{{0,2}}-?\d{{1,3}}\.\d{{3}}") for sign in "=:"), _places),
    Finder(("/users/", "\\users\\", "/home/"), _home_folders),
)
"""Finders in order of precedence."""
