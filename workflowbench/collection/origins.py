"""Which addresses may be fetched: the allow-list of a stage, and the networks that a name may lead to."""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx2

from workflowbench.collection.fetch_errors import RefusedAddressError, UnavailableError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host name and port, as text; raises OSError where there is none."""

DEFAULT_PORTS = {"https": 443, "http": 80}
NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of addresses that may be fetched; the host may begin with `*.`."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Origin":
        """Read `https://host`, `https://*.host` or `https://host:port`.

        Raises:
            ValueError: the text is of another form.

        """
        scheme, separator, rest = text.partition("://")
        host, _, port = rest.partition(":")
        malformed = not host or set(host) & set("/@?#") or not (port or "0").isdecimal()
        if not separator or scheme not in DEFAULT_PORTS or malformed:
            raise ValueError(f"{text!r} is no origin; write it like https://example.org")
        return cls(scheme, host.lower(), int(port) if port else DEFAULT_PORTS[scheme])

    def admits(self, url: httpx2.URL) -> bool:
        """Whether `url` has this scheme, host and port."""
        same_host = url.host.endswith(self.host[1:]) if self.host.startswith("*.") else url.host == self.host
        return same_host and (url.scheme, effective_port(url)) == (self.scheme, self.port)


def effective_port(url: httpx2.URL) -> int:
    """Port of `url`, the scheme's own where none is written; 0 for an unknown scheme."""
    return url.port or DEFAULT_PORTS.get(url.scheme, 0)


def without_query(url: httpx2.URL | str) -> str:
    """Spell an address for people and files: without user, query and fragment, which may hold secrets."""
    try:
        return str(httpx2.URL(url).copy_with(userinfo=b"", query=None, fragment=None))
    except (httpx2.InvalidURL, ValueError):
        return "an address that cannot be read"


def check_url(url: str, origins: Sequence[Origin]) -> httpx2.URL:
    """Read an address that one of `origins` admits.

    Raises:
        RefusedAddressError: it is malformed, names a user, or belongs to no origin.

    """
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError) as error:
        raise RefusedAddressError("An address cannot be read; look at the page it stands on.") from error
    if parsed.userinfo:
        raise RefusedAddressError(f"{without_query(parsed)} names a user; such addresses are not fetched.")
    if not any(origin.admits(parsed) for origin in origins):
        known = ", ".join(f"{origin.scheme}://{origin.host}:{origin.port}" for origin in origins)
        raise RefusedAddressError(f"{without_query(parsed)} lies outside what may be fetched here: {known}.")
    return parsed


def is_public(address: IPAddress) -> bool:
    """Whether an address, and the IPv4 address that it may embed, belongs to the public internet."""
    inner = _embedded(address)
    if inner is not None and not is_public(inner):
        return False
    return (address.is_global or inner is not None) and not address.is_multicast


def _embedded(address: IPAddress) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])


def system_resolver(host: str, port: int) -> list[str]:
    """Look a host up as the operating system does."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(host: str, port: int, resolve: Resolver, *, allow_loopback: bool) -> list[str]:
    """Addresses of `host`, each of them public; with `allow_loopback` this machine's own too.

    Raises:
        RefusedAddressError: one of the addresses is neither.
        UnavailableError: the name has no address.

    """
    try:
        found = resolve(host, port)
    except OSError as error:
        raise UnavailableError(f"{host} has no address: {error}. Is the network up?") from error
    for text in found:
        address = ipaddress.ip_address(text.partition("%")[0])
        if not (is_public(address) or (allow_loopback and address.is_loopback)):
            raise RefusedAddressError(f"{host} leads to {text}, which is no public address.")
    return list(found)
