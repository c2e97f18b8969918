"""Why an address was not fetched; no message holds a query, which may hold a token."""

from workflowbench.collection.errors import SourceError


class FetchError(SourceError):
    """One address gave no usable answer."""


class RefusedAddressError(FetchError):
    """The address is not on the stage's allow-list, or leads to a network that is not public."""


class DisallowedError(FetchError):
    """The site's robots.txt asks not to fetch this address."""


class TooLargeError(FetchError):
    """The decoded body is larger than the stage allows."""


class UnavailableError(FetchError):
    """The site did not answer properly, after every retry; another scrape may succeed."""


class StopScrapeError(FetchError):
    """The site does not want to be asked any further now; the whole scrape stops."""


class BlockedError(StopScrapeError):
    """The site's protection refused the client. It is never worked around."""


class RateLimitedError(StopScrapeError):
    """The site answered 429 to every attempt, or asked for a longer pause than a scrape waits."""
