"""Where a server is, and how it knows us."""

from dataclasses import dataclass

from pydantic import SecretStr

from workflowbench.llm.requests import RequestSettings

CONNECT_TIMEOUT = 10.0
"""Seconds for a connection to be made."""


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
