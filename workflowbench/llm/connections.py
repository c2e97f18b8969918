"""Where a server is, how it knows us, and the connections to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
import openai
from pydantic import SecretStr

from workflowbench.llm.requests import RequestSettings

CONNECT_TIMEOUT = 10.0
"""Seconds for a connection to be made."""

SECRET_BYTES = 12
"""Least bytes of a key that guards something; shorter ones, such as `EMPTY`, are for servers without keys."""

CONNECTIONS_PER_CLIENT = 8
"""Connections of one client: its pool looks at each of them for every request, so large pools are slow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings(RequestSettings):
    """A server that speaks OpenAI's interface.

    Attributes:
        base_url: Address, with the version, e.g. `http://localhost:8000/v1`.
        api_key: Key; None for a server that wants none. It is in no text, log, exception or ledger.

    """

    base_url: str
    api_key: SecretStr | None = None

    @property
    def key(self) -> str:
        """What is sent as the key."""
        return self.api_key.get_secret_value() if self.api_key else "none"

    def without_key(self, text: str) -> str:
        """Hide the key in a text that the server wrote."""
        return text.replace(self.key, "[key]") if self.api_key and self.key else text

    def without_secret(self, response: bytes) -> bytes:
        """Hide the key in a response, unless it is so short that it is a placeholder and no secret."""
        key = self.key.encode()
        return response.replace(key, b"[key]") if len(key) >= SECRET_BYTES else response


class Clients:
    """Asynchronous clients of one server that share the requests in flight.

    Args:
        settings: The server.
        most: Most requests in flight.
        timeout_s: Seconds that a connection may be silent.

    """

    def __init__(self, settings: ConnectionSettings, most: int, timeout_s: float) -> None:
        context = httpx2.create_ssl_context()
        limits = httpx2.Limits(
            max_connections=CONNECTIONS_PER_CLIENT, max_keepalive_connections=CONNECTIONS_PER_CLIENT
        )
        timeout = httpx2.Timeout(timeout_s, connect=CONNECT_TIMEOUT)
        self._all = [
            openai.AsyncOpenAI(
                api_key=settings.key,
                base_url=settings.base_url,
                max_retries=0,
                http_client=httpx2.AsyncClient(
                    verify=context, limits=limits, timeout=timeout, follow_redirects=False
                ),
            )
            for _ in range(-(-most // CONNECTIONS_PER_CLIENT))
        ]
        self._free = self._all * CONNECTIONS_PER_CLIENT

    @contextmanager
    def take(self) -> Iterator[openai.AsyncOpenAI]:
        """A client for one request; no more than `most` may be taken at a time."""
        client = self._free.pop()
        try:
            yield client
        finally:
            self._free.append(client)

    async def close(self) -> None:
        """Close all connections."""
        for client in self._all:
            await client.close()
