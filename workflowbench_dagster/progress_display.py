"""Shows the events of runs as they come: a line per asset, however many categories, and every failure."""

import logging
import time

import dagster as dg
from rich.console import Console
from rich.status import Status

from workflowbench_dagster.jobs.progress import event_of
from workflowbench_dagster.partitions import is_synthetic

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
        self._shown: set[tuple[str, str]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Show one log record of a run."""
        event = event_of(record)
        if event is None:
            self._show_message(record)
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
        is_by_category = is_synthetic(materialization.asset_key.to_user_string())
        if is_by_category and self._is_shown(event):
            return
        counts = _ROWS[::-1] if is_by_category else _ROWS
        rows = next(
            (materialization.metadata[key].value for key in counts if key in materialization.metadata), ""
        )
        name = materialization.asset_key.to_user_string()
        seconds = time.monotonic() - self._started
        place = f"[{materialization.partition}]" if materialization.partition and not is_by_category else ""
        self.console.print(f"  {name:<32}{rows:>7} rows {seconds:7.2f} s  {place}", highlight=False)

    def _is_shown(self, event: dg.DagsterEvent) -> bool:
        """Tell whether a line of this asset is there already; it counts the rows of all categories."""
        line = (str(event.step_key), str(event.asset_key))
        is_shown = line in self._shown
        self._shown.add(line)
        return is_shown

    def _show_message(self, record: logging.LogRecord) -> None:
        """Show what a stage says: a warning as a line, how far it is at the place of the step at work."""
        meta = getattr(record, "dagster_meta", None)
        if record.levelno == logging.WARNING and meta:
            self.console.print(f"  {meta['orig_message']}", style="yellow", highlight=False)
        elif record.levelno == logging.INFO and meta:
            self.status.update(str(meta["orig_message"]))

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
