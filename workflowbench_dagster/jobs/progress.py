"""A logger that hands Dagster's events of a run to whoever listens, e.g. a progress display."""

import logging

import dagster as dg

PROGRESS = logging.getLogger("workflowbench_dagster.progress")
"""Receives every log record of a run that is configured with the logger `progress`."""


@dg.logger({}, "Hands the log records of a run to a progress display.")
def progress(context: dg.InitLoggerContext) -> logging.Logger:
    """Return the logger that a progress display listens to; it prints nothing itself."""
    del context
    PROGRESS.propagate = False
    PROGRESS.setLevel(logging.DEBUG)
    return PROGRESS


def event_of(record: logging.LogRecord) -> dg.DagsterEvent | None:
    """Return the Dagster event that a log record of a run carries, if it is one."""
    event = getattr(record, "dagster_event", None)
    return event if isinstance(event, dg.DagsterEvent) else None
