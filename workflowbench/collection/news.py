"""One cheap look at a feed: is there anything that no scrape has seen?"""

from dataclasses import dataclass

from workflowbench.collection.cursor import Cursor
from workflowbench.collection.fetching import Fetcher
from workflowbench.collection.scrape import UnknownListError
from workflowbench.collection.sites import Sites
from workflowbench.collection.sources import feed_address, feed_ids
from workflowbench.collection.stages import Answer


@dataclass(frozen=True, slots=True)
class News:
    """What a look at the feed found.

    Attributes:
        ids: Shortcuts that the cursor does not know.
        problem: Why the feed could not be read; None where it could. A scrape then records it.
        answer: The feed, to be kept for the scrape.

    """

    ids: tuple[str, ...]
    problem: str | None
    answer: Answer


def look_at_feed(fetcher: Fetcher, sites: Sites, cursor: Cursor) -> News:
    """Ask for the feed, conditionally.

    Raises:
        FetchError: it could not be fetched; see `fetch_errors`.

    """
    url = feed_address(sites)
    answer = fetcher.fetch(url, sites.routinehub_stage(), cursor.validators.get(url))
    try:
        ids = feed_ids(answer) or []
    except UnknownListError as error:
        return News((), str(error), answer)
    known = cursor.versions.keys() | cursor.misses.keys() | set(cursor.pending)
    return News(tuple(item for item in ids if item not in known), None, answer)
