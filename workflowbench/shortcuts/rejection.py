"""The one exception that the reading and transcription of a shortcut may raise."""


class RejectedShortcut(Exception):  # noqa: N818 - named after the outcome, as its rows are in `<table>_dropped`
    """A file that cannot become a workflow.

    Attributes:
        reason: Short stable snake_case name of the rule that the file failed.
        detail: What was found, and what to do about it.
        threshold: Limit of the rule, where it has one.
        observed: Value that crossed the limit, where there is one.

    """

    def __init__(
        self, reason: str, detail: str, *, threshold: float | None = None, observed: float | None = None
    ) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.threshold = threshold
        self.observed = observed

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"
