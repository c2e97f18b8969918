"""RoutineHub and iCloud on one loopback address, whole: feed, lists, pages, downloads, records, files."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from workflowbench.collection.replay.icloud_records import identifier, record
from workflowbench.collection.replay.routinehub_pages import (
    NOT_FOUND,
    changelog,
    feed,
    frame,
    list_page,
    page_2020,
    page_2022,
    page_2026,
)
from workflowbench.collection.replay.server import Handler, Replay, Reply

ROBOTS = b"User-Agent: *\nDisallow: /static/\nDisallow: /admin/\nDisallow: /analytics/\nDisallow: /api/"
FEED_ITEMS, CARDS = 25, 15
"""How many shortcuts the feed and a list page show."""

TEMPLATES = (page_2020, page_2022, page_2026)


@dataclass(slots=True)
class Offer:
    """A shortcut that the site offers; `versions` are its version ids, the newest last."""

    number: int
    name: str
    payload: bytes = field(repr=False)
    categories: Sequence[str] = ("Utilities",)
    versions: list[int] = field(default_factory=list)


class ReplaySite:
    """A site that gains and updates shortcuts; faults are scripted through `server.routes`.

    Attributes:
        server: The server, which notes every request.
        offers: What the site offers, by RoutineHub's id.

    """

    def __init__(self) -> None:
        self.server = Replay()
        self.server.routes["/robots.txt"] = Reply(ROBOTS)
        self.server.routes["/terms/"] = Reply(frame("<p>Be kind to each other.</p>", "Terms"))
        self.server.otherwise = self._reply
        self.offers: dict[int, Offer] = {}
        self._updated: dict[int, None] = {}
        self._numbers: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.close()

    @property
    def address(self) -> str:
        """Where the sites answer, without final slash."""
        return f"http://127.0.0.1:{self.server.port}"

    def offer(
        self, number: int, name: str, payload: bytes, categories: Sequence[str] = ("Utilities",)
    ) -> None:
        """Offer a shortcut, or a new version of it."""
        self._numbers.append(number)
        before = self.offers[number].versions if number in self.offers else []
        self.offers[number] = Offer(number, name, payload, categories, [*before, len(self._numbers)])
        self._updated.pop(number, None)
        self._updated[number] = None

    def withdraw(self, number: int) -> None:
        """Offer a shortcut no longer."""
        del self.offers[number], self._updated[number]

    def _reply(self, handler: Handler) -> Reply | None:
        for pattern, answer in self._answers:
            if match := re.fullmatch(pattern, handler.path):
                return answer(self, handler, *match.groups())
        return None

    def _feed(self, handler: Handler) -> Reply:
        body = feed(*sorted(self.offers, reverse=True)[:FEED_ITEMS])
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if handler.headers.get("If-None-Match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        return Reply(body, headers={"ETag": etag})

    def _list(self, handler: Handler, page: str, sort: str) -> Reply:  # noqa: ARG002
        ids = sorted(self.offers, reverse=True) if sort == "newest" else list(reversed(self._updated))
        number, last = int(page), max(1, -(-len(ids) // CARDS))
        if number > last:
            return Reply(NOT_FOUND, 404)
        return Reply(
            list_page(*ids[(number - 1) * CARDS : number * CARDS], page=number, last=last, shape=2026)
        )

    def _page(self, handler: Handler, number: str) -> Reply:  # noqa: ARG002
        offer = self.offers.get(int(number))
        if offer is None:
            return Reply(NOT_FOUND, 404)
        template: Callable[..., bytes] = TEMPLATES[offer.number % len(TEMPLATES)]
        version = offer.versions[-1]
        href = f"/download/{version}/?t=TOKEN{version}"
        version_name = f"1.{len(offer.versions)}"
        return Reply(template(offer.name, href=href, version=version_name, categories=offer.categories))

    def _changelog(self, handler: Handler, number: str) -> Reply:  # noqa: ARG002
        offer = self.offers.get(int(number))
        if offer is None:
            return Reply(NOT_FOUND, 404)
        return Reply(changelog(*((version, f"1.{n}") for n, version in enumerate(offer.versions, 1))))

    def _download(self, handler: Handler, version: str) -> Reply:  # noqa: ARG002
        link = f"https://www.icloud.com/shortcuts/{identifier(int(version))}"
        return Reply(status=302, headers={"Location": link})

    def _record(self, handler: Handler, icloud_id: str) -> Reply:  # noqa: ARG002
        offer = self._offer_of(int(icloud_id, 16))
        if offer is None:
            return Reply(b"{}", 404, {"Content-Type": "application/json"})
        version = offer.versions[-1]
        body = record(version, self.address, unsigned=offer.payload, tag=f"tag{version}", name=offer.name)
        return Reply(body, headers={"Content-Type": "application/json"})

    def _file(self, handler: Handler, version: str) -> Reply | None:  # noqa: ARG002
        offer = self._offer_of(int(version))
        return Reply(offer.payload, headers={"Content-Type": "application/octet-stream"}) if offer else None

    def _offer_of(self, version: int) -> Offer | None:
        offer = self.offers.get(self._numbers[version - 1]) if version <= len(self._numbers) else None
        return offer if offer and offer.versions[-1] == version else None

    _answers: tuple[tuple[str, Callable[..., Reply | None]], ...] = (
        (r"/shortcuts/latest/feed/", _feed),
        (r"/shortcuts/\?page=([0-9]+)&sort=(newest|updated)", _list),
        (r"/shortcut/([0-9]+)/", _page),
        (r"/shortcut/([0-9]+)/changelog", _changelog),
        (r"/download/([0-9]+)/(?:\?.*)?", _download),
        (r"/shortcuts/api/records/([0-9a-f]{32})", _record),
        (r"/B/([0-9]+)/shortcut\?.*", _file),
    )
