"""Telling a refusal by a site's protection from an ordinary answer, so that a scrape can stop."""

from collections.abc import Mapping

from workflowbench.collection.fetch_errors import BlockedError
from workflowbench.collection.stages import Answer

BLOCK_STATUSES = frozenset({403, 429, 503})
BLOCK_TEXTS = (b"error 1005", b"error 1020", b"error code: 1005", b"error code: 1020")
BANNED_NETWORK = (b"autonomous system number", b"banned")
SEARCHED_BYTES = 1 << 16


def is_own_page(body: bytes, own_title: str) -> bool:
    """Whether a page's title begins as those of the site's own pages do."""
    return b"<title>" + own_title.lower().encode() in body[:SEARCHED_BYTES].lower()


def check_not_forbidden(answer: Answer, own_title: str = "") -> None:
    """Read a 403 that is no page of the site's own as what it is: the site refuses this client.

    Raises:
        BlockedError: it does.

    """
    if answer.status == 403 and not (own_title and is_own_page(answer.body, own_title)):
        raise BlockedError(f"{answer.url} answered 403. Ask the site for permission, or use another source.")


def block_reason(status: int, headers: Mapping[str, str], body: bytes, own_title: str = "") -> str | None:
    """Say why an answer is a block by Cloudflare, or None where it is the site's own answer.

    Args:
        status: HTTP status.
        headers: Header names in lower case.
        body: Decoded body.
        own_title: How the titles of the site's own pages begin: it may answer 403 itself, behind Cloudflare.

    """
    if headers.get("cf-mitigated"):
        return "Cloudflare asks for a challenge"
    if status < 400:
        return None
    text = body[:SEARCHED_BYTES].lower()
    if any(mark in text for mark in BLOCK_TEXTS) or all(mark in text for mark in BANNED_NETWORK):
        return "Cloudflare refuses this client or network"
    if own_title and is_own_page(body, own_title):
        return None
    is_cloudflare = "cf-ray" in headers or headers.get("server", "").lower() == "cloudflare"
    is_html = headers.get("content-type", "").lower().startswith("text/html")
    if status in BLOCK_STATUSES and is_cloudflare and is_html:
        return f"Cloudflare answered {status} with a page of its own"
    return None
