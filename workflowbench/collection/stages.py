"""What a scrape may ask of a site, and how: the settings of a fetch, its answer, and the clock."""

import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from workflowbench.collection.origins import Origin

KEPT_HEADERS = ("content-type", "date", "etag", "last-modified")
"""Headers that are kept: none of them holds a token or a cookie."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of request: where it may go, how often, and how large the answer may be.

    Attributes:
        origins: Addresses that may be fetched; each redirect is checked against them again.
        delay_seconds: Least time between two requests to one host.
        jitter_seconds: Random time of up to this many seconds that is added to each delay.
        body_bytes: Largest decoded body.
        obeys_robots: False only where a person has decided so; see `docs/sources.md`.
        own_title: How the titles of the site's own pages begin; see `block_reason`.

    """

    origins: tuple[Origin, ...]
    delay_seconds: float = 1.0
    jitter_seconds: float = 0.5
    body_bytes: int = 4 << 20
    obeys_robots: bool = True
    own_title: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a fetch waits and how often it tries, in seconds and counts."""

    request_seconds: float = 25
    total_seconds: float = 300
    attempts: int = 3
    redirects: int = 5
    first_pause_seconds: float = 2
    longest_pause_seconds: float = 60
    longest_retry_after_seconds: float = 120


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask later whether its answer has changed (RFC 9110, section 8.8)."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """Headers of a conditional request; empty where the server gave nothing."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in given.items() if value and _fits_a_header(value)}


def _fits_a_header(value: str) -> bool:
    """Whether a text that a server gave can be sent back; one that cannot asks without condition."""
    return value.isascii() and value.isprintable()


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's final answer.

    Attributes:
        url: Address that was asked last, without its query.
        status: HTTP status: 2xx, 304 or 4xx but 429.
        headers: Those of `KEPT_HEADERS` that were there.
        body: Decoded body.
        fetched_at: Time of the answer.
        leads_to: Address outside the stage that the answer redirects to, without user and query; it was not
            fetched.

    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    fetched_at: datetime
    leads_to: str | None = None

    @property
    def validators(self) -> Validators:
        """What to send with the next request for the same address."""
        return Validators(self.headers.get("etag"), self.headers.get("last-modified"))


@dataclass(slots=True)
class Traffic:
    """What a fetcher has received: answers by HTTP status, `none` for a broken one, and decoded bytes."""

    answers: Counter[str] = field(default_factory=Counter)
    n_bytes: int = 0

    @property
    def n_requests(self) -> int:
        """Requests that were sent, repeated ones included."""
        return self.answers.total()


class Clock:
    """Time and chance, which tests replace."""

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def now(self) -> datetime:
        """The present time, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def jitter(self, most: float) -> float:
        """A random time of up to `most` seconds."""
        return random.uniform(0, most)  # noqa: S311
