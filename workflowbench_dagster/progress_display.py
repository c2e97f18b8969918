"""Shows the events of runs as they come: a line per asset, and every failure."""

import logging
import time

import dagster as dg
from rich.console import Console
from rich.status import Status

from workflowbench_dagster.jobs.progress import event_of

_ROWS = ("dagster/partition_row_count", "dagster/row_count")


class ProgressDisplay(logging.Handler):
    """Prints each asset as it is made, and counts the checks; a terminal also shows the step at work."""

    def __init__(self, console: Console, status: Status) -> None:
        super().__init__()
        self.console = console
        self.status = status
        self.passed = 0
        self.failed = 0
        self._started = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        """Show one log record of a run."""
        event = event_of(record)
        if event is None:
            return
        if event.event_type == dg.DagsterEventType.STEP_START:
            self._started = time.monotonic()
            self.status.update(f"{event.step_key} ...")
        elif event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            self._show_asset(event)
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            self._show_check(event)
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
            self._show_failure(event)

    def _show_asset(self, event: dg.DagsterEvent) -> None:
        materialization = event.step_materialization_data.materialization
        rows = next(
            (materialization.metadata[key].value for key in _ROWS if key in materialization.metadata), ""
        )
        name = materialization.asset_key.to_user_string()
        seconds = time.monotonic() - self._started
        place = f"[{materialization.partition}]" if materialization.partition else ""
        self.console.print(f"  {name:<32}{rows:>7} rows {seconds:7.2f} s  {place}", highlight=False)

    def _show_check(self, event: dg.DagsterEvent) -> None:
        check = event.asset_check_evaluation_data
        if check.passed:
            self.passed += 1
            return
        self.failed += 1
        figures = ", ".join(f"{name} {value.value}" for name, value in check.metadata.items())
        level = "failed" if check.severity == dg.AssetCheckSeverity.ERROR else "warns"
        self.console.print(
            f"  check {check.check_name} of {check.asset_key.to_user_string()} {level}: {figures}",
            style="red" if level == "failed" else "yellow",
        )

    def _show_failure(self, event: dg.DagsterEvent) -> None:
        error = event.step_failure_data.error
        cause = error.cause if error and error.cause else error
        message = cause.message.strip() if cause else "unknown error"
        self.console.print(f"  {event.step_key} failed: {message}", style="bold red")
