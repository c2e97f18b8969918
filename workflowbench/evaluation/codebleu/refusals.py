"""Why a text gets no score."""

MAX_BYTES = 4 * 2**20
"""Size of a text in UTF-8; the longest published workflow has 0.06 of it in MiB."""
MAX_DEPTH = 2_000
"""Levels of the syntax tree; tree-sitter writes a tree by recursion, which deeper trees would crash."""
MAX_NESTING = 100
"""Levels of assignments, branches, loops and comprehensions; Python itself ends at 100 indents."""
MAX_STEPS = 20_000_000
"""Elementary steps of the data flow of one text; a workflow of 1,000 lines takes about 10,000."""


class RefusedTextError(Exception):
    """A text beyond a bound.

    Attributes:
        rule: Short stable name: `too_large`, `too_deep` or `too_complex`.
        detail: What was found and the bound, for a reader.

    """

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule = rule
        self.detail = detail

    def __reduce__(self) -> tuple[type["RefusedTextError"], tuple[str, str]]:
        return type(self), (self.rule, self.detail)
