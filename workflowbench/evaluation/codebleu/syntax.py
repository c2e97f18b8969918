"""A syntax tree as flat lists in pre-order."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from workflowbench.evaluation.codebleu.grammar import ERROR, kind, parse
from workflowbench.evaluation.codebleu.refusals import MAX_DEPTH, RefusedTextError

FOR_IN_CLAUSE = kind("for_in_clause")
COMMENT = kind("comment")
_NOTED = frozenset({FOR_IN_CLAUSE, ERROR, COMMENT, kind("line_continuation")})


@dataclass(slots=True)
class SyntaxTree:
    """A syntax tree; node `i` spans the nodes from `i` up to, not including, `ends[i]`.

    Attributes:
        nodes: The nodes in pre-order.
        kinds: Kind of each node, as the walk of the mode sees it.
        ends: One past the last descendant of each node.
        parents: Nodes with children.
        clause_parents: Nodes with a `for ... in` clause among their children.
        leaked: Nodes whose kind is that of the parent, see `read_tree`.

    """

    nodes: list[Node] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    clause_parents: set[int] = field(default_factory=set)
    leaked: set[int] = field(default_factory=set)

    def children(self, parent: int) -> Iterator[int]:
        """The children of a node, in order."""
        child, end = parent + 1, self.ends[parent]
        while child < end:
            yield child
            child = self.ends[child]

    def field(self, parent: int, field_id: int) -> int | None:
        """The first child of a node that stands in a field of the grammar, if any."""
        node = self.nodes[parent].child_by_field_id(field_id)
        if node is None:
            return None
        start = node.start_byte
        for child in self.children(parent):
            if self.nodes[child].start_byte == start and self.nodes[child] == node:
                return child
        return None


def read_tree(source: bytes, *, leak_aliases: bool) -> SyntaxTree:
    """Parse a text.

    Args:
        source: The text in UTF-8.
        leak_aliases: Give an error or comment below a node that the grammar renames the kind of that node, as
            the version of tree-sitter does that the package `codebleu` 0.7.0 is pinned to.

    Raises:
        RefusedTextError: `too_deep`.

    """
    tree = SyntaxTree()
    nodes, kinds, ends = tree.nodes, tree.kinds, tree.ends
    cursor = parse(source).walk()
    above: list[int] = []
    count = 0
    while (node := cursor.node) is not None:
        number = node.kind_id
        if number in _NOTED and above:
            if number == FOR_IN_CLAUSE:
                tree.clause_parents.add(above[-1])
            elif leak_aliases and node.is_extra:
                number = _leak(tree, above[-1], number)
        nodes.append(node)
        kinds.append(number)
        count += 1
        ends.append(count)
        if cursor.goto_first_child():
            above.append(count - 1)
            tree.parents.append(count - 1)
            if len(above) >= MAX_DEPTH:
                raise RefusedTextError("too_deep", f"the syntax tree is deeper than {MAX_DEPTH} levels")
            continue
        while not cursor.goto_next_sibling():
            if not above:
                return tree
            ends[above.pop()] = count
            cursor.goto_parent()
    return tree


def _leak(tree: SyntaxTree, parent: int, number: int) -> int:
    """The kind of an error or comment that is about to be added below a parent."""
    node = tree.nodes[parent]
    if parent not in tree.leaked and node.grammar_name == node.type:
        return number
    tree.leaked.add(len(tree.nodes))
    return tree.kinds[parent]
