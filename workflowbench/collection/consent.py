"""What a site allows, as it was when a shortcut was fetched: its terms page and its robots.txt."""

import hashlib
from dataclasses import dataclass

from workflowbench.collection.fetch_errors import FetchError, StopScrapeError
from workflowbench.collection.listing import Fault
from workflowbench.collection.stages import Stage
from workflowbench.collection.visiting import Visitor

ALLOWED, OPTED_IN = "allowed", "opted in"
TERMS_PLACE = "terms"


@dataclass(frozen=True, slots=True)
class Consent:
    """What is known of a fetch besides its content.

    Attributes:
        terms_sha256: SHA-256 of the terms page, which the snapshots hold; None where there is none.
        robots: `allowed` by robots.txt, or `opted in` by a person although it is not.
        is_nsfw: Whether the source marks the shortcut as such; None is unknown.
        fault: Why the terms page of a site that should have one is missing.

    """

    terms_sha256: str | None
    robots: str
    is_nsfw: bool | None = None
    fault: Fault | None = None


def read_consent(visitor: Visitor, terms: str, stage: Stage, robots: str) -> Consent:
    """Read the terms page at an address, once per scrape; that it is missing is noted and no failure.

    Raises:
        StopScrapeError: the site does not want to be asked any further.

    """
    try:
        answer = visitor.visit(terms, stage)
    except StopScrapeError:
        raise
    except FetchError as error:
        return Consent(None, robots, fault=Fault(TERMS_PLACE, "no_terms", str(error)))
    if answer.status != 200:
        detail = f"The terms page answered {answer.status}; rows have no hash of it."
        return Consent(None, robots, fault=Fault(TERMS_PLACE, "no_terms", detail))
    return Consent(hashlib.sha256(answer.body).hexdigest(), robots)
