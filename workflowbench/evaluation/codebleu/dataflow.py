"""The data flow of a program, as CodeBLEU counts it (Ren et al. 2020, section 3.3).

A loop's body counts as run twice. Run literally, as the package `codebleu` does, that takes time exponential
in the depth of loops. But what a body does to the origins of a name depends on that name alone and takes
unions only. So it is known from two runs, one from every name undefined and one from every name defined, and
holds for all visits at once; and of its visits a token needs the union only. Each body is run three times.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from workflowbench.evaluation.codebleu.flow_program import Bind, Branch, Loop, Operations
from workflowbench.evaluation.codebleu.flow_state import ABSENT, PASSED, UNDEFINED, Effect, Origins, State
from workflowbench.evaluation.codebleu.leaves import Leaves
from workflowbench.evaluation.codebleu.refusals import MAX_STEPS, RefusedTextError

_COMES_FROM, _COMPUTED_FROM = 0, 1
_NOWHERE: Origins = frozenset()


Edge = tuple[str, int, int, tuple[str, ...], Origins]
"""Name and number of a token, the relation to those that its value comes from, their names and numbers."""

_number = itemgetter(1)


def count_flows(operations: Operations, leaves: Leaves, *, hash_order: bool) -> Counter[int]:
    """How often each edge of the data flow occurs, by hash, with names replaced in order of appearance.

    Args:
        operations: What the program does.
        leaves: Its tokens.
        hash_order: Order the names that are united as a set of them does, which depends on PYTHONHASHSEED.

    Raises:
        RefusedTextError: `too_complex`.

    """
    run = _Run(leaves, hash_order=hash_order)
    run.operations(operations, State(), run.edges)
    run.edges.sort(key=_number)
    return _normalise(run.unite_by_token(_connected(run.edges)))


@dataclass
class _Run:
    leaves: Leaves
    hash_order: bool = field(kw_only=True)
    edges: list[Edge] = field(default_factory=list)
    steps: int = 0

    def __post_init__(self) -> None:
        leaves = self.leaves
        self._texts, self._numbers = leaves.texts, leaves.numbers
        self._leaves = list(zip(leaves.texts, leaves.numbers, leaves.is_identifier, strict=True))
        self._effects: dict[int, dict[str, Effect]] = {}

    def operations(self, operations: Operations, state: State, edges: list[Edge] | None) -> None:
        """Run some steps, changing the state and adding to the edges if there are any."""
        own = state.own
        for operation in operations:
            if isinstance(operation, int):
                name, number, is_identifier = self._leaves[operation]
                origins = own.get(name) or state.get(name)
                if origins is ABSENT:
                    origins = _NOWHERE
                    if is_identifier:
                        own[name] = frozenset((number,))
                elif UNDEFINED in origins:
                    origins -= ABSENT
                    if is_identifier:
                        own[name] = origins | {number}
                if edges is not None:
                    edges.append((name, number, _COMES_FROM, (name,) if origins else (), origins))
                self.steps += len(origins)
            elif isinstance(operation, Bind):
                self._bind(operation, state, edges)
            elif isinstance(operation, Branch):
                self._branch(operation, state, edges)
            else:
                self._loop(operation, state, edges)

    def _bind(self, bind: Bind, state: State, edges: list[Edge] | None) -> None:
        texts, numbers = self._texts, self._numbers
        for target in bind.targets:
            state.own[texts[target]] = frozenset((numbers[target],))
        if edges is None:
            return
        sources = bind.sources or range(0)
        if bind.is_default:
            groups = [range(0)] if bind.sources is None else [range(leaf, leaf + 1) for leaf in sources]
        else:
            groups = [sources]
        relation = _COMES_FROM if bind.is_default else _COMPUTED_FROM
        known = [
            (tuple([texts[leaf] for leaf in group]), frozenset([numbers[leaf] for leaf in group]))
            for group in groups
        ]
        self._spend(len(bind.targets) * len(known) + len(sources))
        edges += [
            (texts[target], numbers[target], relation, names, origins)
            for target in bind.targets
            for names, origins in known
        ]

    def _branch(self, branch: Branch, state: State, edges: list[Edge] | None) -> None:
        ends = [State(outer=state) for _ in branch.ways]
        for way, end in zip(branch.ways, ends, strict=True):
            self.operations(way, end, edges)
        if not branch.is_exhaustive:
            ends.append(State(outer=state))
        state.own.update(
            {name: self._join([end.get(name) for end in ends]) for name in _changed(end.own for end in ends)}
        )

    def _join(self, ways: Sequence[Origins]) -> Origins:
        """A name is undefined after a branch only if it is so at the end of every way."""
        joined = frozenset().union(*ways)
        self._spend(len(joined))
        return joined if all(UNDEFINED in way for way in ways) else joined - ABSENT

    def _loop(self, loop: Loop, state: State, edges: list[Edge] | None) -> None:
        effects = self._effects_of(loop)
        before = {name: state.get(name) for name in effects}
        between = {name: effects[name](before[name]) for name in effects}
        if edges is not None:
            visited = State(outer=state, own={name: before[name] | between[name] for name in effects})
            first = len(edges)
            self.operations(loop.body, visited, edges)
            edges[first:] = self._unite_twice(edges[first:])
        state.own.update({name: effects[name](between[name]) for name in effects})
        self._spend(sum(map(len, between.values())))

    def _effects_of(self, loop: Loop) -> dict[str, Effect]:
        """What one run of a loop's body makes of each name that it changes."""
        effects = self._effects.get(id(loop))
        if effects is None:
            undefined, defined = State(), State(default=frozenset({PASSED}))
            self.operations(loop.body, undefined, None)
            self.operations(loop.body, defined, None)
            changed = _changed((undefined.own, defined.own))
            effects = {name: Effect(undefined.get(name), defined.get(name)) for name in changed}
            self._effects[id(loop)] = effects
        return effects

    def _unite_twice(self, edges: list[Edge]) -> list[Edge]:
        """The edges of two runs of a loop's body, equal ones united."""
        united: dict[tuple[str, int, int], Edge] = {}
        known: dict[tuple[int, int], tuple[str, ...]] = {}
        for edge in (*edges, *edges):
            key = edge[:3]
            other = united.get(key)
            united[key] = edge if other is None else self._unite(other, edge, known)
        return list(united.values())

    def unite_by_token(self, edges: list[Edge]) -> list[Edge]:
        """One edge for each token; a later one gives its name and relation."""
        if len(set(map(_number, edges))) == len(edges):
            return edges
        united: dict[int, Edge] = {}
        for edge in edges:
            number = _number(edge)
            other = united.get(number)
            united[number] = edge if other is None else self._unite(other, edge, {})
        return list(united.values())

    def _unite(self, first: Edge, second: Edge, known: dict[tuple[int, int], tuple[str, ...]]) -> Edge:
        *_, first_sources, first_origins = first
        name, number, relation, second_sources, origins = second
        pair = (id(first_sources), id(second_sources))
        sources = known.get(pair)
        if sources is None:
            sources = known[pair] = self._unite_names(first_sources + second_sources)
        if origins is not first_origins:
            origins = first_origins | origins
            self._spend(len(origins))
        return name, number, relation, sources, origins

    def _unite_names(self, names: tuple[str, ...]) -> tuple[str, ...]:
        self._spend(len(names))
        return tuple(set(names)) if self.hash_order else tuple(dict.fromkeys(names))

    def _spend(self, steps: int) -> None:
        self.steps += 1 + steps
        if self.steps > MAX_STEPS:
            raise RefusedTextError("too_complex", f"its data flow takes more than {MAX_STEPS} steps")


def _changed(states: Iterable[dict[str, Origins]]) -> Iterable[str]:
    return dict.fromkeys(name for state in states for name in state)


def _connected(edges: list[Edge]) -> list[Edge]:
    """The edges of tokens that have an origin or are one."""
    linked = {number for _, number, _, _, origins in edges if origins}
    linked.update(*{id(edge[-1]): edge[-1] for edge in edges}.values())
    return [edge for edge in edges if _number(edge) in linked]


def _normalise(edges: Iterable[Edge]) -> Counter[int]:
    """Count the edges by hash, with numbers for names in order of appearance."""
    numbers: dict[str, int] = {}
    known: dict[int, int] = {}
    found = []
    for name, _, relation, sources, _ in edges:
        hashed = known.get(id(sources))
        if hashed is None:
            for source in sources:
                numbers.setdefault(source, len(numbers))
            hashed = known[id(sources)] = hash(tuple(map(numbers.__getitem__, sources)))
        found.append(hash((numbers.setdefault(name, len(numbers)), relation, hashed)))
    return Counter(found)
