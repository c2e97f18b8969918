"""Connections to exactly the addresses that were checked, each under an absolute deadline."""

import ssl
import time
from collections.abc import Callable, Iterable, Iterator

import httpcore2
import httpx2

from workflowbench.collection.origins import Resolver, checked_addresses


class Deadline:
    """The moment, on `clock`, until which all reading and writing must be done."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = float("inf")

    def set(self, seconds: float) -> None:
        """Allow `seconds` from now."""
        self._end = self._clock() + seconds

    def remaining(self, most: float | None) -> float:
        """Seconds left, at most `most`.

        Raises:
            httpcore2.ReadTimeout: none are left.

        """
        left = self._end - self._clock()
        if left <= 0:
            raise httpcore2.ReadTimeout("the answer took longer than its deadline")
        return left if most is None else min(left, most)


class _TimedStream(httpcore2.NetworkStream):
    """A connection whose every read and write ends at the deadline, however slowly bytes arrive."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.remaining(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.remaining(timeout))
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class CheckedBackend(httpcore2.NetworkBackend):
    """Resolves a name once, checks every address, and connects to one of these and no other.

    A name that leads elsewhere a moment later (DNS rebinding) therefore changes nothing.
    """

    def __init__(self, resolve: Resolver, deadline: Deadline, *, allow_loopback: bool) -> None:
        self._resolve = resolve
        self._deadline = deadline
        self._allow_loopback = allow_loopback
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first checked address of `host` that answers.

        Raises:
            RefusedAddressError: an address of the host is not public.
            httpcore2.ConnectError: no address answers.

        """
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in checked_addresses(host, port, self._resolve, allow_loopback=self._allow_loopback):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, self._deadline.remaining(timeout), local_address, socket_options
                )
                return _TimedStream(stream, self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


class _Body(httpx2.SyncByteStream):
    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class CheckedTransport(httpx2.BaseTransport):
    """An httpx2 transport over `CheckedBackend`: HTTP/1.1, one connection, no proxy, no environment."""

    def __init__(self, backend: CheckedBackend) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpcore2.default_ssl_context(),
            max_connections=1,
            keepalive_expiry=30,
            http2=False,
            network_backend=backend,
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one GET request; errors of httpcore2 pass through as they are."""
        response = self._pool.handle_request(
            httpcore2.Request(
                request.method,
                httpcore2.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(
            response.status, headers=response.headers, stream=_Body(response), extensions=response.extensions
        )

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()
