"""The source `icloud-links`, and what every source does with a shared shortcut."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from workflowbench.collection.consent import ALLOWED, OPTED_IN, Consent
from workflowbench.collection.errors import SourceError
from workflowbench.collection.icloud import ICloudError, canonical_link, icloud_id
from workflowbench.collection.icloud_files import ICloud, SharedFile
from workflowbench.collection.listing import Fault
from workflowbench.collection.progress import Progress
from workflowbench.collection.routinehub import PageError
from workflowbench.collection.scrape import NoShortcutError, Policy, WithdrawnError
from workflowbench.collection.scrape_rows import Found
from workflowbench.collection.sites import Sites
from workflowbench.collection.stages import Answer
from workflowbench.collection.visiting import Visitor
from workflowbench.shortcuts.rejection import RejectedShortcut

LINKS_POLICY = Policy(
    "icloud-links", True, "The links are a person's choice; each was shared with the public."
)

MAY_PASS = frozenset({"unknown_template", "site_error", "expired_file", "wrong_size"})


def read_links(path: Path) -> Iterator[str | Fault]:
    """Ids of a file of links in the file's order, and the lines that are none.

    Raises:
        SourceError: the file cannot be read.

    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read as UTF-8 text: {error}.") from error
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                yield icloud_id(line)
            except ICloudError as error:
                yield Fault(f"line {number}", error.rule, str(error))


class ICloudLinks:
    """Shortcuts of a file of iCloud links, one on a line; a line that begins with # is a comment."""

    policy = LINKS_POLICY

    def __init__(self, visitor: Visitor, links: Path, sites: Sites | None = None) -> None:
        sites = sites or Sites()
        self._icloud = sites.icloud_reader(visitor)
        self._robots = ALLOWED if sites.icloud_obeys_robots else OPTED_IN
        self._links = links

    @property
    def source(self) -> str:
        """`icloud-links:` and the file's stem."""
        return f"icloud-links:{self._links.stem}"

    @property
    def forms(self) -> Mapping[str, int]:
        """Empty: records have no template."""
        return {}

    def discover(self, progress: Progress) -> Iterator[str | Fault]:  # noqa: ARG002
        """Ids of the links in the file's order, and the lines that are none.

        Raises:
            SourceError: the file cannot be read.

        """
        return read_links(self._links)

    def fetch(self, identifier: str, known_version: str | None) -> Found | None:
        """Fetch a shared shortcut; its version is the record's change tag. See `Source.fetch`."""
        with reasons(""):
            shared = self._icloud.shared_file(identifier, known_version)
        if shared is None:
            return None
        url = canonical_link(identifier)
        consent = Consent(None, self._robots)
        return found(shared, shared.answer, url, shared.record.change_tag, "", None, (), consent)


def collected_file(icloud: ICloud, link: str) -> SharedFile:
    """Fetch the shared shortcut that a link names."""
    shared = icloud.shared_file(icloud_id(link))
    assert shared is not None
    return shared


def found(
    shared: SharedFile,
    answer: Answer,
    url: str,
    version_id: str,
    name: str,
    description: str | None,
    categories: tuple[str, ...],
    consent: Consent,
) -> Found:
    """A shared shortcut with what its source says about it; iCloud's name stands in for a missing one."""
    title = name or shared.record.name or shared.record.icloud_id
    identifier = shared.record.icloud_id
    fetched = (url, shared.payload, answer.fetched_at)
    return Found(version_id, title, *fetched, description, categories, identifier, consent)


@contextmanager
def reasons(version_id: str) -> Iterator[None]:
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
