"""A limit on what a run may use up, in tokens and in money, that is never crossed.

Before a request goes out, the most that it can take is reserved: every byte of it as a token (a tokenizer
over bytes makes no more), and the longest answer. When the response is there, what it really took is settled.
"""

import threading
from dataclasses import dataclass
from decimal import Decimal

from workflowbench.llm.prices import Price
from workflowbench.llm.requests import Request

FRAME_TOKENS = 256
"""Tokens that a server may add around messages: roles, separators, the notice of a schema."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """The most that a request can take.

    Attributes:
        tokens: Tokens of request and answer.
        cost: Money for them; 0 where the budget has no limit on money.

    """

    tokens: int
    cost: Decimal


class Budget:
    """What a run may use up; safe to share between threads and models of one price.

    Args:
        max_tokens: Most tokens, of requests and answers together; None is no limit.
        max_cost: Most money, in the currency of the price table; None is no limit.
        price: Price of the model.

    Raises:
        ValueError: money is limited and the model has no price.

    """

    def __init__(
        self,
        max_tokens: int | None = None,
        max_cost: Decimal | None = None,
        price: Price | None = None,
    ) -> None:
        if max_cost is not None and price is None:
            raise ValueError("Money is limited, but the model has no price; add it to a price file.")
        self._max_tokens = max_tokens
        self._max_cost = max_cost
        self._price = price
        self._lock = threading.Lock()
        self.tokens = 0
        self.cost = Decimal(0)
        self._reserved_tokens = 0
        self._reserved_cost = Decimal(0)

    @property
    def is_waiting(self) -> bool:
        """Whether requests are under way whose reservations may yet come back."""
        return self._reserved_tokens > 0

    def reserve(self, request: Request) -> Reservation | None:
        """Set aside the most that a request can take, or None where that is not left."""
        prompt_tokens = len(request.content) + FRAME_TOKENS
        cost = self._money(prompt_tokens, request.max_tokens)
        reservation = Reservation(prompt_tokens + request.max_tokens, cost)
        with self._lock:
            if not self._fits(reservation):
                return None
            self._reserved_tokens += reservation.tokens
            self._reserved_cost += reservation.cost
            return reservation

    def settle(self, reservation: Reservation, prompt_tokens: int, completion_tokens: int) -> None:
        """Replace a reservation by what was used."""
        self._replace(
            reservation, prompt_tokens + completion_tokens, self._money(prompt_tokens, completion_tokens)
        )

    def forfeit(self, reservation: Reservation) -> None:
        """Count a reservation as used up: the server may have charged for a response that never came."""
        self._replace(reservation, reservation.tokens, reservation.cost)

    def release(self, reservation: Reservation) -> None:
        """Give a reservation back: nothing was used."""
        self._replace(reservation, 0, Decimal(0))

    def standing(self) -> str:
        """Where the budget stands, for a reader."""
        parts = []
        if self._max_tokens is not None:
            parts.append(f"{self.tokens:,} of {self._max_tokens:,} tokens")
        if self._max_cost is not None:
            parts.append(f"{self.cost:.4f} of {self._max_cost} in money")
        return " and ".join(parts) + " used" if parts else "no limit"

    def _money(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        return self._price.of(prompt_tokens, completion_tokens) if self._price else Decimal(0)

    def _fits(self, wanted: Reservation) -> bool:
        tokens = self.tokens + self._reserved_tokens + wanted.tokens
        cost = self.cost + self._reserved_cost + wanted.cost
        return (self._max_tokens is None or tokens <= self._max_tokens) and (
            self._max_cost is None or cost <= self._max_cost
        )

    def _replace(self, reservation: Reservation, tokens: int, cost: Decimal) -> None:
        with self._lock:
            self._reserved_tokens -= reservation.tokens
            self._reserved_cost -= reservation.cost
            self.tokens += tokens
            self.cost += cost
