"""XML property lists, read in one pass over the events of expat.

The document type may name Apple's DTD but declare nothing itself: entities, and default attributes that
multiply with every element, are refused before expat reads the first of them.
"""

import re
from binascii import a2b_base64
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable
from datetime import datetime
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType

from workflowbench.shortcuts.limits import DEFAULT_LIMITS, Limits, bounded_integer
from workflowbench.shortcuts.rejection import RejectedShortcut

TEXT_BUFFER_BYTES = 1 << 16
PIECE_BYTES = 1 << 20
LONGEST_NUMBER = 512
DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", re.ASCII)
# What XML 1.0 (section 2.2) forbids in a document, as characters and as references to them.
FORBIDDEN_CODES = frozenset({*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF} - {0x09, 0x0A, 0x0D})
FORBIDDEN_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
REFERENCE = re.compile("&#(?:x0*([0-9a-fA-F]{1,6})|0*([0-9]{1,7}));")


def read_xml_plist(data: bytes, limits: Limits = DEFAULT_LIMITS) -> object:
    """Read an XML property list into the values that `plistlib.loads` gives.

    Unlike plistlib it refuses elements that no property list has, values out of place, and integers
    beyond 64 bits. Exporters write control characters that XML forbids into the texts of actions: a
    document that expat refuses is read once more without them.

    Raises:
        RejectedShortcut: `damaged_plist`, `xml_declarations`, `too_many_nodes` or `too_deep`.

    """
    try:
        try:
            return _parse(data.removeprefix(BOM_UTF8).lstrip(), limits)
        except ExpatError:
            cleaned = _without_forbidden(data)
            if cleaned is None:
                raise
            return _parse(cleaned, limits, "utf-8")
    except (ExpatError, ValueError, LookupError) as error:
        raise _damaged(str(error)) from error


def _parse(data: bytes, limits: Limits, encoding: str | None = None) -> object:
    """Build the tree from the events of expat, within the limits from the first element on.

    The handlers are closures over local state, half as slow as methods. Text is collected by
    `list.append` itself; what lies between elements is collected as well, and dropped at the next start.
    """
    chunks: list[str] = []
    parents: list[tuple[Any, str | None]] = []
    root: object = NOTHING
    container: Any = None
    key = leaf = None
    nodes, in_plist = 0, False

    def start(name: str, _attributes: object) -> None:
        nonlocal nodes, leaf, container, key, in_plist
        if leaf is not None:
            raise ValueError(f"<{name}> within <{leaf}>")
        nodes += 1
        if nodes > limits.nodes:
            limits.check_tree(nodes, depth=0)
        if name in LEAVES:
            leaf = name
            chunks.clear()
        elif name in CONTAINERS:
            parents.append((container, key))
            limits.check_tree(nodes, len(parents))
            container, key = CONTAINERS[name](), None
        elif name == "plist" and nodes == 1 and not in_plist:
            in_plist, nodes = True, 0
        else:
            raise ValueError(f"<{name}> out of place")

    def end(name: str) -> None:
        nonlocal leaf, container, key, root
        if leaf is not None:
            leaf = None
            text = "".join(chunks)
            if name == "key":
                if key is not None or type(container) is not dict:
                    raise ValueError("<key> out of place")
                key = text
                return
            value = text if name == "string" else LEAVES[name](text)
        elif name == "plist":
            return
        elif key is not None:
            raise ValueError("key without a value")
        else:
            value = container
            container, key = parents.pop()
        if key is not None:
            container[key] = value
            key = None
        elif type(container) is list:
            container.append(value)
        elif container is None and root is NOTHING:
            root = value
        else:
            raise ValueError(f"<{name}> out of place")

    parser = ParserCreate(encoding)
    parser.buffer_text = True
    parser.buffer_size = TEXT_BUFFER_BYTES
    parser.ordered_attributes = True
    parser.StartDoctypeDeclHandler = _refuse_declarations
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = chunks.append
    _feed(parser, data)
    if root is NOTHING:
        raise ValueError("no value")
    return root


def _feed(parser: XMLParserType, data: bytes) -> None:
    """Feed a document in pieces, and stop at an element or comment that is still open pieces later.

    Expat collects all attributes of an element before it reports any: 18 MB of them take 450 MB.
    """
    for place in range(0, len(data), PIECE_BYTES):
        parser.Parse(data[place : place + PIECE_BYTES], False)
        if place - parser.CurrentByteIndex > PIECE_BYTES:
            raise ValueError(f"an element or comment longer than {PIECE_BYTES} bytes")
    parser.Parse(b"", True)


def _refuse_declarations(_name: str, _system: str | None, _public: str | None, has_subset: int) -> None:
    if has_subset:
        raise RejectedShortcut(
            "xml_declarations",
            "the document declares entities or elements, as no property list does; drop it",
        )


def _damaged(what: str) -> RejectedShortcut:
    return RejectedShortcut("damaged_plist", f"XML property list: {what}; fetch the file again")


def _without_forbidden(data: bytes) -> bytes | None:
    """Strip the characters that XML forbids, raw or as references, as UTF-8; None if there are none."""
    encoding = "utf-16" if data.startswith((BOM_UTF16_BE, BOM_UTF16_LE)) else "utf-8-sig"
    text = data.decode(encoding, "surrogatepass")
    cleaned = REFERENCE.sub(_keep_allowed, FORBIDDEN_CHARACTER.sub("", text)).lstrip()
    return cleaned.encode() if cleaned != text else None


def _keep_allowed(reference: re.Match[str]) -> str:
    hexadecimal, decimal = reference.groups()
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return "" if code in FORBIDDEN_CODES else reference[0]


def _integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"integer of {len(text)} characters")
    text = text.strip().lower()
    return bounded_integer(int(text, 16 if text.lstrip("+-").startswith("0x") else 10))


def _date(text: str) -> datetime:
    match = DATE.fullmatch(text.strip())
    if match is None:
        raise ValueError("date in an unknown form")
    return datetime(*map(int, match.groups()))  # type: ignore[arg-type]


NOTHING = object()
CONTAINERS: dict[str, Callable[[], object]] = {"dict": dict, "array": list}
LEAVES: dict[str, Callable[[str], object]] = {
    "key": str,
    "string": str,
    "integer": _integer,
    "real": float,
    "true": lambda _: True,
    "false": lambda _: False,
    "date": _date,
    "data": a2b_base64,
}
