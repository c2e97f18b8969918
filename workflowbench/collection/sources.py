"""The sources that shortcuts are scraped from, each with its policy."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from workflowbench.collection.errors import SourceError
from workflowbench.collection.icloud import ICloudError, canonical_link, icloud_id
from workflowbench.collection.icloud_files import ICloud, SharedFile
from workflowbench.collection.listing import Fault
from workflowbench.collection.routinehub import (
    ListPage,
    PageError,
    ShortcutPage,
    parse_feed,
    parse_latest,
    parse_list,
    parse_shortcut,
)
from workflowbench.collection.scrape import NoShortcutError, Policy, Progress, WithdrawnError
from workflowbench.collection.scrape_rows import Found
from workflowbench.collection.sites import Sites
from workflowbench.collection.stages import Answer
from workflowbench.collection.visiting import Visitor
from workflowbench.shortcuts.rejection import RejectedShortcut

FEED_PATH = "/shortcuts/latest/feed/"

FEED_POLICY = Policy(
    "routinehub-feed", True, "RoutineHub publishes the feed, and its robots.txt allows these pages."
)
PAGES_POLICY = Policy("routinehub-pages", True, "RoutineHub's robots.txt allows list and shortcut pages.")
API_POLICY = Policy(
    "routinehub-api", False, "RoutineHub's robots.txt asks robots not to use /api/: it takes its consent."
)
LINKS_POLICY = Policy(
    "icloud-links", True, "The links are a person's choice; each was shared with the public."
)

MAY_PASS = frozenset({"unknown_template", "site_error", "expired_file", "wrong_size"})
MISSING = frozenset({404, 410})


class _RoutineHub:
    """What RoutineHub's sources share: a shortcut is its page, its download's link, and its iCloud file."""

    policy = PAGES_POLICY

    def __init__(self, visitor: Visitor, sites: Sites | None = None) -> None:
        self._visitor = visitor
        self._sites = sites or Sites()
        self._stage = self._sites.routinehub_stage()
        self._icloud = self._sites.icloud_reader(visitor)

    @property
    def source(self) -> str:
        """`routinehub:` and the host."""
        return f"routinehub:{urlsplit(self._sites.routinehub).hostname}"

    def fetch(self, identifier: str, known_version: str | None) -> Found | None:
        """Fetch a shortcut by its page; see `Source.fetch`."""
        url = f"{self._sites.routinehub}/shortcut/{identifier}/"
        answer = self._visitor.visit(url, self._stage)
        page = self._page(answer)
        version_id = page.version_id or ""
        if known_version == version_id:
            return None
        if page.download is None:
            raise NoShortcutError(Fault("", "no_version", "The author has published no version yet."))
        with _reasons(version_id):
            shared = _shared(self._icloud, self._download_link(urljoin(url, page.download)))
        text = "\n\n".join(filter(None, (page.tagline, page.description))) or None
        return _found(shared, answer, url, version_id, page.name, text, page.categories)

    def _page(self, answer: Answer) -> ShortcutPage:
        if answer.status in MISSING:
            raise WithdrawnError(f"RoutineHub answered {answer.status}.")
        with _reasons(""):
            _check_published(answer)
            return parse_shortcut(answer.body)

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
            if answer.status != 200:
                raise SourceError(f"The list of shortcuts answered {answer.status}; has it moved?")
            page = parse_list(answer.body)
            last = page.last_page
            yield number, page
            number += 1


class RoutineHubFeed(_RoutineHub):
    """New shortcuts, from the feed: the last 25, so a gap since the last scrape is filled from the lists."""

    policy = FEED_POLICY

    def discover(self, progress: Progress) -> Iterator[str]:
        """Ids of the feed that are not known, oldest first, then those of a gap."""
        url = f"{self._sites.routinehub}{FEED_PATH}"
        before = progress.window
        answer = self._visitor.visit(url, self._stage, progress.validators.get(url))
        if answer.status == 304:
            return
        if answer.status != 200:
            raise SourceError(f"The feed answered {answer.status}; has it moved?")
        ids = [item.shortcut_id for item in parse_feed(answer.body)]
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
        with _reasons(""):
            latest = parse_latest(answer.body)
        if known_version == latest.version_id:
            return None
        with _reasons(latest.version_id):
            shared = _shared(self._icloud, latest.link)
        page = f"{self._sites.routinehub}/shortcut/{identifier}/"
        return _found(shared, answer, page, latest.version_id, "", None, ())


class ICloudLinks:
    """Shortcuts of a file of iCloud links, one on a line; a line that begins with # is a comment."""

    policy = LINKS_POLICY

    def __init__(self, visitor: Visitor, links: Path, sites: Sites | None = None) -> None:
        self._icloud = (sites or Sites()).icloud_reader(visitor)
        self._links = links

    @property
    def source(self) -> str:
        """`icloud-links:` and the file's stem."""
        return f"icloud-links:{self._links.stem}"

    def discover(self, progress: Progress) -> Iterator[str | Fault]:  # noqa: ARG002
        """Ids of the links in the file's order, and the lines that are none.

        Raises:
            SourceError: the file cannot be read.

        """
        try:
            lines = self._links.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(f"{self._links} cannot be read as UTF-8 text: {error}.") from error
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.lstrip().startswith("#"):
                try:
                    yield icloud_id(line)
                except ICloudError as error:
                    yield Fault(f"line {number}", error.rule, str(error))

    def fetch(self, identifier: str, known_version: str | None) -> Found | None:
        """Fetch a shared shortcut; its version is the record's change tag. See `Source.fetch`."""
        with _reasons(""):
            shared = self._icloud.shared_file(identifier, known_version)
        if shared is None:
            return None
        url = canonical_link(identifier)
        return _found(shared, shared.answer, url, shared.record.change_tag, "", None, ())


def _check_published(answer: Answer) -> None:
    if answer.status == 403:
        raise PageError("unpublished", "RoutineHub answered 403: the shortcut or version is not published.")


def _shared(icloud: ICloud, link: str) -> SharedFile:
    shared = icloud.shared_file(icloud_id(link))
    assert shared is not None
    return shared


def _found(
    shared: SharedFile,
    answer: Answer,
    url: str,
    version_id: str,
    name: str,
    description: str | None,
    categories: tuple[str, ...],
) -> Found:
    title = name or shared.record.name or shared.record.icloud_id
    return Found(version_id, title, url, shared.payload, answer.fetched_at, description, categories)


@contextmanager
def _reasons(version_id: str) -> Iterator[None]:
    """Turn what the parsers say into what a scrape does about it."""
    try:
        yield
    except RejectedShortcut as error:
        fault = Fault("", error.reason, error.detail, error.threshold, error.observed)
        raise NoShortcutError(fault, version_id) from error
    except (PageError, ICloudError) as error:
        if error.rule in ("not_found", "withdrawn"):
            raise WithdrawnError(str(error)) from error
        fault = Fault("", error.rule, str(error))
        raise NoShortcutError(fault, version_id, may_pass=error.rule in MAY_PASS) from error
