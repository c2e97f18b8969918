"""What a syntax tree does to data, as a short program of reads, bindings, branches and loops."""

from bisect import bisect_left
from dataclasses import dataclass, field

from workflowbench.evaluation.codebleu.grammar import KIND_NAMES, field_id, kind
from workflowbench.evaluation.codebleu.leaves import STRING, Leaves
from workflowbench.evaluation.codebleu.refusals import MAX_NESTING, RefusedTextError
from workflowbench.evaluation.codebleu.syntax import FOR_IN_CLAUSE, SyntaxTree

_ASSIGNMENTS = frozenset({kind("assignment"), kind("augmented_assignment")})
_DEFAULT = kind("default_parameter")
_IF = kind("if_statement")
_FOR = kind("for_statement")
_WHILE = kind("while_statement")
_ELIF, _ELSE = kind("elif_clause"), kind("else_clause")
_BLOCK = kind("block")
_COMMA = kind(",", named=False)
_NAME, _VALUE = field_id("name"), field_id("value")
_LEFT, _RIGHT = field_id("left"), field_id("right")


@dataclass(frozen=True, slots=True)
class Bind:
    """Tokens take their values from other tokens.

    Attributes:
        targets: The tokens that are bound.
        sources: The tokens whose values they take; None is a parameter that has lost its default.
        is_default: Whether it is the default of a parameter, whose sources count one by one.

    """

    targets: range
    sources: range | None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """An `if`: one way of several is taken.

    Attributes:
        ways: The condition with its block, then each `elif` and `else`.
        is_exhaustive: Whether one of the ways is always taken.

    """

    ways: list["Operations"]
    is_exhaustive: bool


@dataclass(frozen=True, slots=True)
class Loop:
    """A `for` or `while`: its body runs twice, as CodeBLEU has it."""

    body: "Operations"


Operations = list[int | Bind | Branch | Loop]
"""Steps in order; a number is the token that is read."""


class NoFlowError(Exception):
    """The package `codebleu` 0.7.0 stumbles here and takes the whole program for one without data flow."""


def compile_flow(tree: SyntaxTree, leaves: Leaves, *, tolerant: bool) -> Operations:
    """The program of a tree.

    Args:
        tree: The tree.
        leaves: Its tokens.
        tolerant: Go on where the package stumbles.

    Raises:
        NoFlowError: Unless tolerant, where a target is missing or matched with the inside of a string.
        RefusedTextError: `too_deep`.

    """
    compiler = _Compiler(tree, leaves, tolerant=tolerant)
    compiler.compile(0, len(tree.kinds))
    return compiler.operations


@dataclass
class _Compiler:
    tree: SyntaxTree
    leaves: Leaves
    tolerant: bool = field(kw_only=True)
    operations: Operations = field(default_factory=list)
    nesting: int = 0

    def __post_init__(self) -> None:
        self._special = {
            _DEFAULT: self._default,
            _IF: self._branch,
            _FOR: self._for,
            _WHILE: self._while,
            FOR_IN_CLAUSE: self._clause,
            **dict.fromkeys(_ASSIGNMENTS, self._assignment),
        }
        self._leaf_at = {node: leaf for leaf, node in enumerate(self.leaves.nodes)}
        special = [node for node in self.tree.parents if self.tree.kinds[node] in self._special]
        self._stops = sorted({*self.leaves.nodes, *special, *self.tree.clause_parents})

    def compile(self, node: int, end: int) -> None:
        """Add the steps of the nodes from one up to an end, which must be whole trees."""
        stops, ends, leaf_at = self._stops, self.tree.ends, self._leaf_at
        stop = bisect_left(stops, node)
        while stop < len(stops) and (node := stops[stop]) < end:
            leaf = leaf_at.get(node)
            if leaf is None:
                self._nest(node)
            else:
                self.operations.append(leaf)
            stop = stop + 1 if ends[node] == node + 1 else bisect_left(stops, ends[node])

    def _one(self, node: int) -> None:
        self.compile(node, self.tree.ends[node])

    def _part(self, nodes: list[int]) -> Operations:
        """The steps of some nodes, apart."""
        outer, self.operations = self.operations, []
        for node in nodes:
            self._one(node)
        inner, self.operations = self.operations, outer
        return inner

    def _nest(self, node: int) -> None:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise RefusedTextError("too_deep", f"statements nest deeper than {MAX_NESTING} levels")
        self._special.get(self.tree.kinds[node], self._comprehension)(node)
        self.nesting -= 1

    def _comprehension(self, node: int) -> None:
        """The clauses of a comprehension come before what it makes of them."""
        children = list(self.tree.children(node))
        for child in sorted(children, key=lambda child: self.tree.kinds[child] != FOR_IN_CLAUSE):
            self._one(child)

    def _default(self, node: int) -> None:
        name, value = self.tree.field(node, _NAME), self.tree.field(node, _VALUE)
        if name is None:
            self._stumble(node)
            return
        if value is not None:
            self._one(value)
        sources = None if value is None else self.leaves.within(self.tree, value)
        self.operations.append(Bind(self.leaves.within(self.tree, name), sources, is_default=True))

    def _assignment(self, node: int) -> None:
        left, right = self.tree.field(node, _LEFT), self.tree.field(node, _RIGHT)
        if right is None:
            return
        if left is None:
            self._stumble(node)
        else:
            self._bind(left, right)

    def _clause(self, node: int) -> None:
        left = self.tree.field(node, _LEFT)
        *_, right = self.tree.children(node)
        if left is None:
            self._stumble(node)
            return
        self._one(right)
        self._bind_whole(left, right)

    def _bind(self, left: int, right: int) -> None:
        lefts, rights = self._elements(left), self._elements(right)
        if len(lefts) != len(rights) or not lefts:
            lefts, rights = [left], [right]
        elif not self.tolerant and STRING in (self.tree.kinds[left], self.tree.kinds[right]):
            raise NoFlowError
        for node in rights:
            self._one(node)
        for target, source in zip(lefts, rights, strict=True):
            self._bind_whole(target, source)

    def _elements(self, node: int) -> list[int]:
        """The children that are no commas; the package counts the quotes and the inside of a string too."""
        if self.tolerant and self.tree.kinds[node] == STRING:
            return []
        return [child for child in self.tree.children(node) if self.tree.kinds[child] != _COMMA]

    def _bind_whole(self, target: int, source: int) -> None:
        targets, sources = self.leaves.within(self.tree, target), self.leaves.within(self.tree, source)
        self.operations.append(Bind(targets, sources))

    def _branch(self, node: int) -> None:
        children = list(self.tree.children(node))
        others = [child for child in children if self.tree.kinds[child] in (_ELIF, _ELSE)]
        first = self._part([child for child in children if child not in others])
        ways = [first, *(self._part([child]) for child in others)]
        is_exhaustive = any("else" in KIND_NAMES[self.tree.kinds[child]] for child in children)
        self.operations.append(Branch(ways, is_exhaustive))

    def _for(self, node: int) -> None:
        left, right = self.tree.field(node, _LEFT), self.tree.field(node, _RIGHT)
        if left is None or right is None:
            self._stumble(node)
            return
        outer, self.operations = self.operations, []
        self._bind(left, right)
        *_, last = self.tree.children(node)
        if self.tree.kinds[last] == _BLOCK:
            self._one(last)
        body, self.operations = self.operations, outer
        self.operations.append(Loop(body))

    def _while(self, node: int) -> None:
        self.operations.append(Loop(self._part(list(self.tree.children(node)))))

    def _stumble(self, node: int) -> None:
        """Read an incomplete statement as it comes, or give up as the package does."""
        if not self.tolerant:
            raise NoFlowError
        for child in self.tree.children(node):
            self._one(child)
