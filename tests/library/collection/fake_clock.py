"""Time that nobody waits for."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """A clock that moves only when somebody sleeps; chance always gives the most."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=self.time)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def jitter(self, most: float) -> float:
        return most
