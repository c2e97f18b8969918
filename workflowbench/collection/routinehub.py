"""RoutineHub's pages, feed and API answers as values: pure functions of bytes.

Nodes are found by class, label and address, never by position, so a page may gain and lose parts. What is
missing that every page has is an error (`unknown_template`), never a null. Authors' names and visitors'
comments are not read.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit
from xml.etree.ElementTree import Element, ParseError

import orjson
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from selectolax.lexbor import LexborHTMLParser, LexborNode

from workflowbench.collection.errors import SourceError
from workflowbench.collection.html_bounds import is_bounded
from workflowbench.collection.html_text import attribute_of, cleaned, prose_of, text_of

TITLE_PREFIX = "RoutineHub"
"""How the titles of RoutineHub's own pages begin."""

_SHORTCUT = re.compile(r"(?:^|/)shortcut/([0-9]{1,12})/?$")
_DOWNLOAD = re.compile(r"^/download/([0-9]{1,12})/?$")
_ITEM = re.compile(rb"<item\b")
_PAGE_NUMBER = re.compile(r"[0-9]{1,7}")
_NAMESPACES = b'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"'


class PageError(SourceError):
    """A page that holds no shortcut.

    Attributes:
        rule: `not_found`, `nsfw`, `site_error`, `too_deep` or `unknown_template`.

    """

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An entry of the feed of new shortcuts."""

    shortcut_id: str
    title: str
    tagline: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list page: the ids of its shortcuts in page order, and the number of the last page."""

    shortcut_ids: tuple[str, ...]
    last_page: int


@dataclass(frozen=True, slots=True)
class ShortcutPage:
    """A shortcut's page.

    Attributes:
        name: The shortcut's name.
        tagline: One line under the name; may be empty.
        version: Free text of the author, e.g. `1.4` or `Beta 3`; may be empty.
        ios: iOS versions as given, e.g. `13` or `12 - 14`; may be empty.
        updated: As shown: `MM/DD/YY`, `Today` or `Yesterday`; may be empty.
        categories: Display names, in page order.
        description: Text of the author's description; may be empty.
        download: Address of the download exactly as found, perhaps with a token; None without a version.
        version_id: RoutineHub's number of the version; None without a version.

    """

    name: str
    tagline: str
    version: str
    ios: str
    updated: str
    categories: tuple[str, ...]
    description: str
    version_id: str | None
    download: str | None


@dataclass(frozen=True, slots=True)
class Version:
    """An entry of a changelog; `released` is as shown, relative to the time of the fetch."""

    version_id: str
    version: str
    released: str
    download: str


@dataclass(frozen=True, slots=True)
class LatestVersion:
    """The API's answer for the latest version of a shortcut; `link` is what the author gave."""

    version_id: str
    version: str
    link: str


def parse_feed(body: bytes) -> tuple[FeedItem, ...]:
    """Read the RSS feed of new shortcuts, newest first; of a damaged feed, its whole items.

    Raises:
        PageError: `unknown_template`, this is no such feed or declares entities.

    """
    try:
        elements = list(_feed_items(body))
    except DefusedXmlException as error:
        raise _unknown("The feed declares XML entities and was not read") from error
    items = [item for item in map(_feed_item, elements) if item]
    if not items:
        raise _unknown("The feed has no item that names a shortcut")
    return tuple(items)


def _feed_items(body: bytes) -> Iterator[Element]:
    try:
        yield from fromstring(body).iter("item")
    except DefusedXmlException:
        raise
    except (ParseError, LookupError, ValueError):
        yield from _whole_items(body)


def _whole_items(body: bytes) -> Iterator[Element]:
    for block in _ITEM.split(body)[1:]:
        inside, end, _ = block.partition(b"</item")
        if end:
            with suppress(ParseError):
                yield from fromstring(b"<rss %s><item%s</item></rss>" % (_NAMESPACES, inside)).iter("item")


def _feed_item(element: Element) -> FeedItem | None:
    match = _SHORTCUT.search((element.findtext("link") or "").strip())
    if not match:
        return None
    title, tagline = (cleaned(element.findtext(name) or "") for name in ("title", "description"))
    return FeedItem(match[1], title, tagline)


def parse_list(body: bytes) -> ListPage:
    """Read a list, category or search page.

    Raises:
        PageError: `site_error`, `too_deep` or `unknown_template`.

    """
    page = _parsed(body)
    links = (card.parent for card in page.css(".shortcut-card"))
    paths = (_address(link).path for link in links if link)
    ids = dict.fromkeys(match[1] for match in map(_SHORTCUT.search, paths) if match)
    pager = page.css_first(".pagination")
    if not ids and pager is None:
        _reject_error_page(page)
        raise _unknown("The page holds neither shortcut cards nor a pager")
    queries = (parse_qs(_address(link).query) for link in page.css("a.pagination-link"))
    numbers = (number for query in queries for number in query.get("page", []))
    return ListPage(
        tuple(ids), max((int(text) for text in numbers if _PAGE_NUMBER.fullmatch(text)), default=1)
    )


def parse_shortcut(body: bytes) -> ShortcutPage:
    """Read a shortcut's page.

    Raises:
        PageError: `not_found`, `nsfw`, `site_error`, `too_deep` or `unknown_template`.

    """
    page = _parsed(body)
    facts = _facts(page)
    if not facts:
        _reject_error_page(page)
        raise _unknown("The page has no list of facts")
    if missing := {"Author", "Categories"} - facts.keys():
        raise _unknown(f"The page's facts lack {', '.join(sorted(missing))}")
    version = facts.get("Version", "")
    download, version_id = _download(page, ".actions a")
    if version and download is None:
        raise _unknown("The page names a version but has no download link")
    return ShortcutPage(
        name=_name(page),
        tagline=text_of(page.css_first(".shortcut-header h4.subtitle")),
        version=version,
        ios=facts.get("iOS", ""),
        updated=facts.get("Updated", ""),
        categories=tuple(filter(None, (text_of(a) for a in page.css('.information a[href^="/category/"]')))),
        description=prose_of(page.css_first(".description .content")),
        version_id=version_id,
        download=download,
    )


def parse_changelog(body: bytes) -> tuple[Version, ...]:
    """Read a changelog: its versions, newest first by RoutineHub's number, whatever the authors call them.

    Raises:
        PageError: `not_found`, `site_error`, `too_deep` or `unknown_template`.

    """
    page = _parsed(body)
    if page.css_first(".versions") is None:
        _reject_error_page(page)
        raise _unknown("The page has no list of versions")
    versions = []
    for article in page.css(".versions article.media"):
        href, number = _download(article, "a")
        if href is None or number is None:
            raise _unknown("A version has no download link")
        name, released = text_of(article.css_first("strong")), text_of(article.css_first("small"))
        versions.append(Version(number, name, released, href))
    return tuple(sorted(versions, key=lambda version: int(version.version_id), reverse=True))


def parse_latest(body: bytes) -> LatestVersion:
    """Read the API's answer to `versions/latest`.

    Raises:
        PageError: `not_found`, the API answers with an error; `unknown_template`, it answers otherwise.

    """
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _unknown("The API did not answer with JSON") from None
    if isinstance(answer, dict) and answer.get("result") == "error":
        raise PageError("not_found", "The API knows no published version of this shortcut.")
    match answer:
        case {"result": "success", "id": int(number), "Version": str(version), "URL": str(link)}:
            return LatestVersion(str(number), version, link)
    raise _unknown("The API's answer lacks id, Version or URL")


def _parsed(body: bytes) -> LexborHTMLParser:
    if not is_bounded(body):
        raise PageError("too_deep", "The page nests more elements than any real one and was not parsed.")
    page = LexborHTMLParser(body.decode("utf-8", "replace"))
    page.strip_tags(["script", "style", "template"])
    return page


def _name(page: LexborHTMLParser) -> str:
    title = text_of(page.css_first("title")).removeprefix(TITLE_PREFIX).lstrip(" •")
    name = text_of(page.css_first(".shortcut-header h3.title")) or title
    if not name:
        raise _unknown("The page names no shortcut")
    return name


def _facts(page: LexborHTMLParser) -> dict[str, str]:
    """Read `Label: value` paragraphs; HTML5 parsing closes a paragraph that the site leaves open."""
    pairs = (text_of(node).partition(":") for node in page.css(".information p"))
    return {label.strip(): value.strip() for label, colon, value in pairs if colon}


def _download(part: LexborHTMLParser | LexborNode, links: str) -> tuple[str | None, str | None]:
    """Address of the first download among `links`, as found, and the number of its version."""
    for link in part.css(links):
        if match := _DOWNLOAD.match(_address(link).path):
            return attribute_of(link, "href"), match[1]
    return None, None


def _address(link: LexborNode) -> SplitResult:
    """Where a link leads; nowhere if that is no address."""
    try:
        return urlsplit(attribute_of(link, "href"))
    except ValueError:
        return urlsplit("")


def _reject_error_page(page: LexborHTMLParser) -> None:
    for node in page.css("h3.title"):
        text = text_of(node)
        if not text.startswith("Error:"):
            continue
        if "NSFW" in text:
            raise PageError("nsfw", "RoutineHub marks this shortcut as not safe for work and hides it.")
        if "not found" in text:
            raise PageError("not_found", "RoutineHub has no page for this shortcut.")
        raise PageError("site_error", "RoutineHub shows an error page; try again later.")


def _unknown(what: str) -> PageError:
    return PageError("unknown_template", f"{what}: the site has changed. The parser must learn the new page.")
