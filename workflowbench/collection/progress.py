"""What a running scrape knows, from the cursor that it begins with to the one that it leaves."""

from dataclasses import dataclass

from workflowbench.collection.cursor import Cursor, Miss
from workflowbench.collection.stages import Validators


@dataclass(slots=True)
class Progress:
    """What a running scrape knows: begins as the cursor of the last one; see `Cursor` for the fields.

    `n_new` counts the shortcuts of this scrape that were new or had a new version.
    """

    versions: dict[str, str]
    window: tuple[str, ...]
    validators: dict[str, Validators]
    misses: dict[str, Miss]
    pending: dict[str, None]
    backlog_page: int
    swept: str
    n_new: int = 0

    @classmethod
    def after(cls, cursor: Cursor) -> "Progress":
        """Go on from a cursor."""
        return cls(
            dict(cursor.versions),
            cursor.window,
            dict(cursor.validators),
            dict(cursor.misses),
            dict.fromkeys(cursor.pending),
            cursor.backlog_page,
            cursor.swept,
        )

    def cursor(self, before: Cursor, *, is_complete: bool) -> Cursor:
        """Where the next scrape begins; an incomplete one has not seen its whole window or sweep."""
        seen = self if is_complete else before
        return Cursor(
            self.versions,
            seen.window,
            seen.validators,
            self.misses,
            tuple(self.pending),
            self.backlog_page,
            seen.swept,
        )
