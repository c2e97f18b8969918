"""The sources that scrape RoutineHub, each with its policy."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from workflowbench.collection.blocking import check_not_forbidden
from workflowbench.collection.consent import ALLOWED, OPTED_IN, Consent, read_consent
from workflowbench.collection.icloud_source import collected_file, found, reasons
from workflowbench.collection.listing import Fault
from workflowbench.collection.progress import Progress
from workflowbench.collection.routinehub import (
    TITLE_PREFIX,
    ListPage,
    PageError,
    ShortcutPage,
    parse_changelog,
    parse_feed,
    parse_latest,
    parse_list,
    parse_shortcut,
)
from workflowbench.collection.scrape import NoShortcutError, Policy, UnknownListError, WithdrawnError
from workflowbench.collection.scrape_rows import Found
from workflowbench.collection.sites import Sites
from workflowbench.collection.stages import Answer
from workflowbench.collection.visiting import Visitor

FEED_PATH = "/shortcuts/latest/feed/"

FEED_POLICY = Policy(
    "routinehub-feed", True, "RoutineHub publishes the feed, and its robots.txt allows these pages."
)
PAGES_POLICY = Policy("routinehub-pages", True, "RoutineHub's robots.txt allows list and shortcut pages.")
API_POLICY = Policy(
    "routinehub-api", False, "RoutineHub's robots.txt asks robots not to use /api/: it takes its consent."
)
MISSING = frozenset({404, 410})


class _RoutineHub:
    """What RoutineHub's sources share: a shortcut is its page, its download's link, and its iCloud file."""

    policy = PAGES_POLICY

    def __init__(self, visitor: Visitor, sites: Sites | None = None) -> None:
        self._visitor = visitor
        self._sites = sites or Sites()
        self._stage = self._sites.routinehub_stage()
        self._icloud = self._sites.icloud_reader(visitor)
        self._forms: Counter[str] = Counter()
        self._consented: Consent | None = None

    @property
    def source(self) -> str:
        """`routinehub:` and the host."""
        return f"routinehub:{urlsplit(self._sites.routinehub).hostname}"

    @property
    def forms(self) -> Mapping[str, int]:
        """How many pages were `whole`, `without_version` or `unknown`."""
        return self._forms

    def fetch(self, identifier: str, known_version: str | None) -> Found | None:
        """Fetch a shortcut by its page; see `Source.fetch`."""
        url = f"{self._sites.routinehub}/shortcut/{identifier}/"
        answer = self._visitor.visit(url, self._stage)
        page = self._page(answer)
        version_id, download = self._version(page, url)
        if known_version == version_id:
            return None
        if download is None:
            raise NoShortcutError(Fault("", "no_version", "The author has published no version yet."))
        with reasons(version_id):
            shared = collected_file(self._icloud, self._download_link(urljoin(url, download)))
        text = "\n\n".join(filter(None, (page.tagline, page.description))) or None
        consent = replace(self._consent(), is_nsfw=False)
        return found(shared, answer, url, version_id, page.name, text, page.categories, consent)

    def _consent(self) -> Consent:
        """What the site allows; the terms page is read when the first shortcut of a scrape was fetched."""
        if self._consented is None:
            terms = urljoin(self._sites.routinehub, self._sites.terms)
            allowed = self.policy.allowed_by_default and self._sites.icloud_obeys_robots
            robots = ALLOWED if allowed else OPTED_IN
            self._consented = read_consent(self._visitor, terms, self._stage, robots)
        return self._consented

    def _page(self, answer: Answer) -> ShortcutPage:
        if answer.status in MISSING:
            raise WithdrawnError(f"RoutineHub answered {answer.status}.")
        check_not_forbidden(answer, TITLE_PREFIX)
        with reasons(""), self._counted():
            _check_published(answer)
            return parse_shortcut(answer.body)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count a page of an unknown form."""
        try:
            yield
        except PageError as error:
            self._forms["unknown"] += error.rule == "unknown_template"
            raise

    def _version(self, page: ShortcutPage, url: str) -> tuple[str, str | None]:  # noqa: ARG002
        """The id and the download address of the version that the page offers; empty and None without one."""
        self._forms["whole" if page.download else "without_version"] += 1
        return page.version_id or "", page.download

    def _download_link(self, url: str) -> str:
        answer = self._visitor.follow(url, self._stage)
        _check_published(answer)
        if answer.leads_to is None:
            raise PageError("no_redirect", f"The download answered {answer.status} and leads to no link.")
        return answer.leads_to

    def _list_pages(self, sort: str, first: int = 1) -> Iterator[tuple[int, ListPage]]:
        """List pages from `first` to the last one, with their numbers; the list may have become shorter."""
        number, last = first, first
        while number <= last:
            url = f"{self._sites.routinehub}/shortcuts/?page={number}&sort={sort}"
            answer = self._visitor.visit(url, self._stage)
            if answer.status in MISSING and number > 1:
                return
            check_not_forbidden(answer)
            if answer.status != 200:
                raise UnknownListError(f"The list of shortcuts answered {answer.status}; has it moved?")
            with _known_list():
                page = parse_list(answer.body)
            last = page.last_page
            yield number, page
            number += 1


def feed_address(sites: Sites) -> str:
    """Address of the feed of new shortcuts."""
    return f"{sites.routinehub}{FEED_PATH}"


def feed_ids(answer: Answer) -> list[str] | None:
    """Ids of a feed, newest first; None if it has not changed since it was last asked for.

    Raises:
        UnknownListError: this is no feed.

    """
    if answer.status == 304:
        return None
    check_not_forbidden(answer)
    if answer.status != 200:
        raise UnknownListError(f"The feed answered {answer.status}; has it moved?")
    with _known_list():
        return [item.shortcut_id for item in parse_feed(answer.body)]


class RoutineHubFeed(_RoutineHub):
    """New shortcuts, from the feed: the last 25, so a gap since the last scrape is filled from the lists."""

    policy = FEED_POLICY

    def discover(self, progress: Progress) -> Iterator[str]:
        """Ids of the feed that are not known, oldest first, then those of a gap."""
        url = feed_address(self._sites)
        before = progress.window
        answer = self._visitor.visit(url, self._stage, progress.validators.get(url))
        ids = feed_ids(answer)
        if ids is None:
            return
        progress.window, progress.validators[url] = tuple(ids), answer.validators
        known = set(progress.versions) | set(before)
        yield from (item for item in reversed(ids) if item not in progress.versions)
        if before and not set(before) & set(ids):
            yield from self._gap(known)

    def _gap(self, known: set[str]) -> Iterator[str]:
        for number, page in self._list_pages("newest"):
            yield from (item for item in page.shortcut_ids if item not in known)
            if not known.isdisjoint(page.shortcut_ids) or number >= self._sites.list_pages:
                return


class RoutineHubPages(_RoutineHub):
    """New and updated shortcuts, from the list pages, and a sweep over known ones for withdrawals."""

    policy = PAGES_POLICY

    def discover(self, progress: Progress) -> Iterator[str]:
        """Ids by their update, newest first; then pages that no scrape has reached yet; then the sweep."""
        backlog = progress.backlog_page
        n_walked = 0
        for number, page in self._list_pages("updated"):
            n_before, n_walked = progress.n_new, n_walked + 1
            yield from self._page_ids(progress, number, page)
            if progress.n_new == n_before or n_walked == self._sites.list_pages:
                break
        if progress.n_new == n_before:
            progress.backlog_page = backlog if backlog > number else 0
        yield from self._backlog(progress, self._sites.list_pages - n_walked)
        yield from self._sweep(progress)

    def _version(self, page: ShortcutPage, url: str) -> tuple[str, str | None]:
        """As on the page; where it offers none, the newest by version id of the changelog."""
        answer = None if page.download else self._visitor.visit(f"{url}changelog", self._stage)
        if answer is None or answer.status in MISSING:
            return super()._version(page, url)
        check_not_forbidden(answer)
        with reasons(""), self._counted():
            versions = parse_changelog(answer.body)
        if not versions:
            return super()._version(page, url)
        self._forms["whole"] += 1
        return versions[0].version_id, versions[0].download

    def _backlog(self, progress: Progress, n_pages: int) -> Iterator[str]:
        """Walk on from the first page that was never reached; updates only ever push pages back."""
        if not progress.backlog_page or not n_pages:
            return
        for number, page in self._list_pages("updated", progress.backlog_page):
            yield from self._page_ids(progress, number, page)
            n_pages -= 1
            if not n_pages:
                return
        progress.backlog_page = 0

    def _page_ids(self, progress: Progress, number: int, page: ListPage) -> Iterator[str]:
        progress.backlog_page = number
        yield from page.shortcut_ids
        progress.backlog_page = 0 if number >= page.last_page else number + 1

    def _sweep(self, progress: Progress) -> Iterator[str]:
        start = int(progress.swept or 0)
        known = sorted(progress.versions, key=int)
        turned = [item for item in known if int(item) > start] + [
            item for item in known if int(item) <= start
        ]
        for item in turned[: self._sites.sweep]:
            yield item
            progress.swept = item


class RoutineHubAPI(RoutineHubFeed):
    """New shortcuts, from the feed, with versions from the API, which robots are asked to keep out of."""

    policy = API_POLICY

    def fetch(self, identifier: str, known_version: str | None) -> Found | None:
        """Fetch a shortcut by the API; see `Source.fetch`. It gives no description and no category."""
        url = f"{self._sites.routinehub}/api/v1/shortcuts/{identifier}/versions/latest"
        answer = self._visitor.visit(url, self._sites.routinehub_stage(obeys_robots=False))
        if answer.status in MISSING:
            raise WithdrawnError(f"RoutineHub's API answered {answer.status}.")
        check_not_forbidden(answer)
        with reasons(""), self._counted():
            latest = parse_latest(answer.body)
        self._forms["whole"] += 1
        if known_version == latest.version_id:
            return None
        with reasons(latest.version_id):
            shared = collected_file(self._icloud, latest.link)
        page = f"{self._sites.routinehub}/shortcut/{identifier}/"
        return found(shared, answer, page, latest.version_id, "", None, (), self._consent())


def _check_published(answer: Answer) -> None:
    if answer.status == 403:
        raise PageError("unpublished", "RoutineHub answered 403: the shortcut or version is not published.")


@contextmanager
def _known_list() -> Iterator[None]:
    """Turn what a parser says of a list into the end of the scrape."""
    try:
        yield
    except PageError as error:
        raise UnknownListError(str(error)) from error
