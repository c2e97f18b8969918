"""Results: what a batch interface or a batch program wrote for each request, line by line."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import orjson
import polars as pl

RESULT_LINES = pl.Schema(
    {"custom_id": pl.String, "status": pl.Int64, "response": pl.String, "error": pl.String}
)
"""A frame of results: one row is a line; the response's body or the error as JSON text."""


@dataclass(frozen=True, slots=True)
class Result:
    """A line of a batch's results.

    Attributes:
        key: Key of the request: the custom id.
        status: HTTP status of the response; 0 where there was none, e.g. because the batch expired.
        body: Body of the response, or the error where there was none.

    """

    key: str
    status: int
    body: dict[str, Any]

    @classmethod
    def of(cls, line: bytes) -> Self | None:
        """Read a line; None where it is damaged."""
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            return None
        match value:
            case {"custom_id": str(key), "response": {"status_code": int(status), "body": {} as body}}:
                return cls(key, status, body)
            case {"custom_id": str(key), "error": {} as error}:
                return cls(key, 0, error)
        return None


def result_frame(lines: Iterable[bytes]) -> pl.DataFrame:
    """Results as a frame, for programs that read tables; damaged lines are left out."""
    results = [result for line in lines if (result := Result.of(line)) is not None]
    rows = [
        (each.key, each.status, body, None) if each.status == 200 else (each.key, each.status, None, body)
        for each in results
        for body in [orjson.dumps(each.body).decode()]
    ]
    return pl.DataFrame(rows, schema=RESULT_LINES, orient="row")
