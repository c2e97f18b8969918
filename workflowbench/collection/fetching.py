"""A polite and safe fetcher: one connection, checked addresses, robots.txt, delays, retries, caps.

A `Fetcher` serves one thread. Redirects are followed one by one and checked like the first address.
"""

import logging
import zlib
from collections.abc import Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpcore2
import httpx2
from protego import Protego
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from workflowbench.collection.blocking import block_reason
from workflowbench.collection.fetch_errors import (
    BlockedError,
    DisallowedError,
    FetchError,
    RateLimitedError,
    TooLargeError,
    UnavailableError,
)
from workflowbench.collection.origins import (
    Resolver,
    check_url,
    effective_port,
    system_resolver,
    without_query,
)
from workflowbench.collection.stages import KEPT_HEADERS, Answer, Clock, Patience, Stage, Traffic, Validators
from workflowbench.collection.transport import CheckedBackend, CheckedTransport, Deadline

PRODUCT = "workflowbench"
"""The name that a robots.txt can address."""

ROBOTS_BYTES = 512 * 1024
LONGEST_PAUSE_SECONDS = 30 * 86_400.0
"""What is heeded of a Retry-After: a site that asks for years has made a mistake."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
TRANSPORT_ERRORS = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpx2.DecodingError,
    zlib.error,
)

# The clients' INFO and DEBUG lines show whole addresses and headers, and so tokens.
for _client in ("httpx2", "httpcore2"):
    logging.getLogger(_client).setLevel(logging.WARNING)


class _TransientError(UnavailableError):
    """An attempt that is worth repeating; `retry_after` is the pause that the server asks for."""

    def __init__(self, message: str, status: int = 0, retry_after: float = 0) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class Fetcher:
    """Fetches addresses of stages.

    Args:
        contact: Mail address or web page of whoever runs the scrape; sent with every request.
        patience: Deadlines and retries.
        clock: Time and chance.
        resolve: Looks host names up.
        allow_loopback: Also fetch from this machine. For tests against a local server only.

    Attributes:
        traffic: What was received so far.

    """

    def __init__(
        self,
        contact: str,
        *,
        patience: Patience | None = None,
        clock: Clock | None = None,
        resolve: Resolver = system_resolver,
        allow_loopback: bool = False,
    ) -> None:
        if not contact.strip() or not contact.isascii() or not contact.isprintable():
            raise ValueError(
                "Give a contact, a mail address or a web page in ASCII: sites must know who asks."
            )
        self.traffic = Traffic()
        self._patience = patience or Patience()
        self._clock = clock or Clock()
        self._deadline = Deadline(self._clock.monotonic)
        backend = CheckedBackend(resolve, self._deadline, allow_loopback=allow_loopback)
        headers = {"User-Agent": f"{PRODUCT} (+{contact.strip()})", "Accept-Encoding": "gzip"}
        self._client = httpx2.Client(
            transport=CheckedTransport(backend),
            headers=headers,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            trust_env=False,
        )
        self._next_request: dict[str, float] = {}
        self._robots: dict[str, Protego] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def fetch(self, url: str, stage: Stage, validators: Validators | None = None) -> Answer:
        """Fetch an address, following redirects inside the stage.

        Raises:
            RefusedAddressError: the address, or one that it redirects to, is not on the stage's list or not
                public.
            FetchError: robots.txt disallows it, it is too large, or it does not answer properly; see
                `fetch_errors`.
            StopScrapeError: the site does not want to be asked any further.

        """
        answer = self.follow(url, stage, validators)
        if answer.leads_to is not None:
            check_url(answer.leads_to, stage.origins)
        return answer

    def follow(self, url: str, stage: Stage, validators: Validators | None = None) -> Answer:
        """Fetch like `fetch`, but a redirect out of the stage ends it: `leads_to` then says where to."""
        end = self._clock.monotonic() + self._patience.total_seconds
        for _ in range(self._patience.redirects + 1):
            checked = check_url(url, stage.origins)
            if stage.obeys_robots:
                self._check_robots(checked, stage, end)
            answer, location = self._persist(checked, stage, validators or Validators(), end)
            if location is None:
                return answer
            url = _joined(checked, location)
            if not _admitted(url, stage):
                return replace(answer, leads_to=without_query(url))
        raise FetchError(f"{without_query(url)} redirects more than {self._patience.redirects} times.")

    def _check_robots(self, url: httpx2.URL, stage: Stage, end: float) -> None:
        origin = f"{url.scheme}://{url.host}:{effective_port(url)}"
        if origin not in self._robots:
            self._robots[origin] = self._read_robots(url, stage, end)
        if not self._robots[origin].can_fetch(str(url), PRODUCT):
            raise DisallowedError(f"robots.txt asks not to fetch {without_query(url)}.")

    def _read_robots(self, url: httpx2.URL, stage: Stage, end: float) -> Protego:
        """Read robots.txt as RFC 9309 says: a 4xx allows everything, an unreachable file nothing."""
        rules = Stage(stage.origins, stage.delay_seconds, stage.jitter_seconds, ROBOTS_BYTES, False)
        address = url.copy_with(raw_path=b"/robots.txt", fragment=None)
        for _ in range(self._patience.redirects + 1):
            answer, location = self._persist(address, rules, Validators(), end)
            if location is None:
                return Protego.parse(answer.body.decode("utf-8", "replace") if answer.status == 200 else "")
            address = check_url(_joined(address, location), stage.origins)
        raise FetchError(f"{without_query(address)} redirects more than {self._patience.redirects} times.")

    def _persist(
        self, url: httpx2.URL, stage: Stage, validators: Validators, end: float
    ) -> tuple[Answer, str | None]:
        retrying = Retrying(
            stop=stop_after_attempt(self._patience.attempts),
            wait=self._pause,
            retry=retry_if_exception_type(_TransientError),
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            return retrying(self._attempt, url, stage, validators, end)
        except _TransientError as error:
            if error.status == 429:
                raise RateLimitedError(f"{error} It was asked {self._patience.attempts} times.") from error
            raise

    def _attempt(
        self, url: httpx2.URL, stage: Stage, validators: Validators, end: float
    ) -> tuple[Answer, str | None]:
        self._wait_turn(url)
        left = end - self._clock.monotonic()
        if left <= 0:
            raise UnavailableError(f"{without_query(url)} took longer than {self._patience.total_seconds} s.")
        self._deadline.set(min(left, self._patience.request_seconds))
        try:
            with self._client.stream("GET", url, headers=validators.headers()) as response:
                body = b"".join(_capped(response, stage.body_bytes))
        except TRANSPORT_ERRORS as error:
            self.traffic.answers["none"] += 1
            raise _TransientError(f"{without_query(url)} did not answer properly: {error}.") from error
        finally:
            self._rest(url, stage)
        self.traffic.answers[str(response.status_code)] += 1
        self.traffic.n_bytes += len(body)
        return self._judge(url, stage, response, body)

    def _judge(
        self, url: httpx2.URL, stage: Stage, response: httpx2.Response, body: bytes
    ) -> tuple[Answer, str | None]:
        headers = {name.lower(): value for name, value in response.headers.items()}
        status, shown = response.status_code, without_query(url)
        if reason := block_reason(status, headers, body, stage.own_title):
            raise BlockedError(f"{shown}: {reason}. Ask the site for permission, or use another source.")
        if status == 429 or status >= 500:
            pause = self._retry_after(headers.get("retry-after", ""))
            if pause > self._patience.longest_retry_after_seconds:
                raise RateLimitedError(
                    f"{shown} asks for a pause of {pause:.0f} s. Scrape again after it.", pause
                )
            raise _TransientError(f"{shown} answered {status}.", status, pause)
        kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        location = headers.get("location") if status in REDIRECTS else None
        return Answer(shown, status, kept, body, self._clock.now()), location

    def _retry_after(self, value: str) -> float:
        """Seconds of a Retry-After header, which holds a number or a date; 0 for anything else."""
        if value.strip().isdecimal():
            return min(float(value), LONGEST_PAUSE_SECONDS)
        try:
            seconds = (parsedate_to_datetime(value) - self._clock.now()).total_seconds()
        except (ValueError, TypeError):
            return 0.0
        return min(max(0.0, seconds), LONGEST_PAUSE_SECONDS)

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, _TransientError) else 0.0
        own = self._patience.first_pause_seconds * 2.0 ** (state.attempt_number - 1)
        pause: float = min(own, self._patience.longest_pause_seconds) + self._clock.jitter(own / 2)
        return max(asked, pause)

    def _wait_turn(self, url: httpx2.URL) -> None:
        pause = self._next_request.get(url.host, 0.0) - self._clock.monotonic()
        if pause > 0:
            self._clock.sleep(pause)

    def _rest(self, url: httpx2.URL, stage: Stage) -> None:
        robots = self._robots.get(f"{url.scheme}://{url.host}:{effective_port(url)}")
        asked = (robots.crawl_delay(PRODUCT) if robots else None) or 0.0
        delay = max(stage.delay_seconds, asked) + self._clock.jitter(stage.jitter_seconds)
        self._next_request[url.host] = self._clock.monotonic() + delay


def _joined(url: httpx2.URL, location: str) -> str:
    try:
        return urljoin(str(url), location.strip())
    except ValueError:
        return ""


def _admitted(url: str, stage: Stage) -> bool:
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        return False
    return any(origin.admits(parsed) for origin in stage.origins)


def _capped(response: httpx2.Response, cap: int) -> Iterator[bytes]:
    """Decode a body piece by piece, never holding more than one byte beyond the cap."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise httpx2.DecodingError(f"its encoding {encoding!r} was not asked for")
    inflate = None if encoding == "identity" else zlib.decompressobj(zlib.MAX_WBITS | 16)
    left = cap
    for chunk in response.iter_raw():
        part = inflate.decompress(chunk, left + 1) if inflate else chunk
        left -= len(part)
        if left < 0:
            raise TooLargeError(f"{without_query(response.url)} is larger than {cap} bytes.")
        yield part
        if inflate and inflate.unused_data:
            raise httpx2.DecodingError("more bytes follow its compressed body")
    if inflate and not inflate.eof:
        raise httpx2.DecodingError("its compressed body is cut off")
