"""What can go wrong between a request and its response, and whom it costs."""

import email.utils
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx2
import openai

from workflowbench.llm.replies import BadReplyError

_OVER_CONTEXT = ("context_length_exceeded", "maximum context length", "context window")
_OUT_OF_CREDIT = ("insufficient_quota", "billing_hard_limit_reached")
BUSY = (408, 409, 425, 429)
"""HTTP statuses below 500 of a request that may be repeated."""


class ServerError(Exception):
    """The stage cannot go on with this server; what was answered stays in the ledger."""


class UnanswerableError(Exception):
    """One question gets no answer.

    Attributes:
        rule: `unavailable`, `rejected`, `too_long` or `over_budget`.
        detail: What happened, and what to do about it.

    """

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule = rule
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt that may be repeated.

    Attributes:
        cause: What happened, in one or two words that counts can be made by.
        detail: What happened.
        is_overload: Whether the server asks for fewer requests, or is too slow.
        is_rate_limit: Whether the server is well and only wants to be asked later.
        is_unreachable: Whether no connection was made.
        may_be_paid: Whether the server may have charged for it: it was cut off while it worked.
        retry_after: Seconds that the server asks to wait, if it says.

    """

    cause: str
    detail: str
    is_overload: bool = False
    is_rate_limit: bool = False
    is_unreachable: bool = False
    may_be_paid: bool = False
    retry_after: float | None = None


def failure_of(error: Exception, without_key: Callable[[str], str]) -> Failure:
    """Say what an exception of a request means for the next attempt.

    Args:
        error: The exception.
        without_key: Hides the server's key in a text that the server wrote.

    Raises:
        ServerError: no request can succeed: a wrong key, model or address, or no credit.
        UnanswerableError: this request cannot succeed.

    """
    match error:
        case TimeoutError() | openai.APITimeoutError():
            return Failure("timeout", "no whole answer in time", is_overload=True, may_be_paid=True)
        case BadReplyError():
            return Failure("bad response", str(error), may_be_paid=True)
        case openai.APIStatusError():
            return _failure_of_status(error, without_key)
        case openai.APIConnectionError():
            return _failure_of_connection(error)
        case _:
            raise error


def _failure_of_connection(error: openai.APIConnectionError) -> Failure:
    cause = error.__cause__ or error
    is_unreachable = isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)
    detail = f"connection failed ({type(cause).__name__})"
    return Failure("connection", detail, is_unreachable=is_unreachable, may_be_paid=not is_unreachable)


def is_over_context(message: str) -> bool:
    """Whether an error says that the prompt is longer than the model's context."""
    return any(sign in message for sign in _OVER_CONTEXT)


def _failure_of_status(error: openai.APIStatusError, without_key: Callable[[str], str]) -> Failure:
    status = error.status_code
    message = without_key(f"{error.code or ''} {error.message}".strip())[:500]
    if any(sign in message for sign in _OUT_OF_CREDIT):
        raise ServerError(f"The server says that there is no credit left: {message}")
    if status in (401, 403, 404):
        raise ServerError(f"The server answers {status}; check address, model and key: {message}")
    if status in BUSY or status >= 500:
        wait = retry_after(error.response.headers)
        return Failure(
            cause=f"HTTP {status}",
            detail=f"HTTP {status}: {message}",
            is_overload=status in (429, 503),
            is_rate_limit=status == 429,
            retry_after=wait,
        )
    if is_over_context(message):
        raise UnanswerableError("too_long", f"The prompt does not fit the model's context: {message}")
    raise UnanswerableError("rejected", f"HTTP {status}: {message}")


def retry_after(headers: httpx2.Headers) -> float | None:
    """Seconds that the header `Retry-After` asks to wait, given as seconds or as a date (RFC 9110)."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())
