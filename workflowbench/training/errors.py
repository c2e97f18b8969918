"""What ends a training or generation job before or while it works."""


class JobError(Exception):
    """The job cannot do what it was asked to; the message says why, and what to change."""
