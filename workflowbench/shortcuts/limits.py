"""The bounds within which a property list is read."""

from dataclasses import dataclass

from workflowbench.shortcuts.rejection import RejectedShortcut


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one file, each far above real shortcuts (913 actions are 23,099 nodes at depth 19).

    Attributes:
        file_bytes: Size of the file, in bytes.
        plist_bytes: Size of the property list within a signed archive, in bytes.
        nodes: Number of values and dictionary keys, a shared object counted as often as it occurs.
        depth: Number of arrays and dictionaries that lie within each other.

    """

    file_bytes: int = 20 * 2**20
    plist_bytes: int = 64 * 2**20
    nodes: int = 250_000
    depth: int = 128

    def check_tree(self, nodes: int, depth: int) -> None:
        """Refuse a property list of too many nodes or too great a depth.

        Raises:
            RejectedShortcut: `too_many_nodes` or `too_deep`.

        """
        if nodes > self.nodes:
            raise RejectedShortcut(
                "too_many_nodes",
                "the property list expands to more values than any real shortcut; drop the file",
                threshold=self.nodes,
                observed=nodes,
            )
        if depth > self.depth:
            raise RejectedShortcut(
                "too_deep",
                "the property list nests deeper than any real shortcut; drop the file",
                threshold=self.depth,
                observed=depth,
            )


DEFAULT_LIMITS = Limits()


def bounded_integer(value: int) -> int:
    """Refuse an integer outside Apple's range, a signed or an unsigned 64-bit number."""
    if not -(2**63) <= value < 2**64:
        raise ValueError("integer beyond 64 bits")
    return value
