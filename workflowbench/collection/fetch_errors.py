"""Why an address was not fetched; no message holds a query, which may hold a token."""

from workflowbench.collection.errors import SourceError


class FetchError(SourceError):
    """One address gave no usable answer; `rule` is the short name under which a row of it is dropped."""

    rule = "not_fetched"


class RefusedAddressError(FetchError):
    """The address is not on the stage's allow-list, or leads to a network that is not public."""

    rule = "refused_address"


class DisallowedError(FetchError):
    """The site's robots.txt asks not to fetch this address."""

    rule = "disallowed_by_robots"


class TooLargeError(FetchError):
    """The decoded body is larger than the stage allows."""

    rule = "too_large"


class UnavailableError(FetchError):
    """The site did not answer properly, after every retry; another scrape may succeed."""

    rule = "unavailable"


class StopScrapeError(FetchError):
    """The site does not want to be asked any further now; the whole scrape stops.

    Attributes:
        pause_seconds: How long the site asks to wait; 0 where it does not say.

    """

    rule = "stopped"

    def __init__(self, message: str, pause_seconds: float = 0) -> None:
        super().__init__(message)
        self.pause_seconds = pause_seconds


class BlockedError(StopScrapeError):
    """The site's protection refused the client. It is never worked around."""

    rule = "blocked"


class RateLimitedError(StopScrapeError):
    """The site answered 429 to every attempt, or asked for a longer pause than a scrape waits."""

    rule = "rate_limited"
