"""Telling a refusal by a site's protection from an ordinary answer, so that a scrape can stop."""

from collections.abc import Mapping

BLOCK_STATUSES = frozenset({403, 429, 503})
BLOCK_TEXTS = (b"error 1005", b"error 1020", b"error code: 1005", b"error code: 1020")
BANNED_NETWORK = (b"autonomous system number", b"banned")
SEARCHED_BYTES = 1 << 16


def block_reason(status: int, headers: Mapping[str, str], body: bytes, own_title: str = "") -> str | None:
    """Say why an answer is a block by Cloudflare, or None where it is the site's own answer.

    Args:
        status: HTTP status.
        headers: Header names in lower case.
        body: Decoded body.
        own_title: How the titles of the site's own pages begin: it may answer 403 itself, behind Cloudflare.

    """
    if status < 400:
        return None
    if headers.get("cf-mitigated"):
        return "Cloudflare asks for a challenge"
    text = body[:SEARCHED_BYTES].lower()
    if any(mark in text for mark in BLOCK_TEXTS) or all(mark in text for mark in BANNED_NETWORK):
        return "Cloudflare refuses this client or network"
    if own_title and b"<title>" + own_title.lower().encode() in text:
        return None
    is_cloudflare = "cf-ray" in headers or headers.get("server", "").lower() == "cloudflare"
    is_html = headers.get("content-type", "").lower().startswith("text/html")
    if status in BLOCK_STATUSES and is_cloudflare and is_html:
        return f"Cloudflare answered {status} with a page of its own"
    return None
