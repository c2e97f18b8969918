"""The data flow, against a literal reading of its definition."""

from collections import Counter

import pytest
from codebleu_programs import deep_programs
from hypothesis import HealthCheck, given, settings

from workflowbench.evaluation.codebleu import dataflow
from workflowbench.evaluation.codebleu.dataflow import Edge, count_flows
from workflowbench.evaluation.codebleu.features import extract_features
from workflowbench.evaluation.codebleu.flow_program import Bind, Branch, Operations, compile_flow
from workflowbench.evaluation.codebleu.leaves import Leaves, find_leaves
from workflowbench.evaluation.codebleu.modes import Mode
from workflowbench.evaluation.codebleu.syntax import read_tree

States = dict[str, frozenset[int]]


def read_program(text: str) -> tuple[Operations, Leaves]:
    tree = read_tree(text.encode(), leak_aliases=False)
    leaves = find_leaves(tree, text, exact_text=True)
    return compile_flow(tree, leaves, tolerant=True), leaves


def run_literally(operations: Operations, leaves: Leaves, states: States) -> tuple[list[Edge], States]:
    """Run every body of a loop twice, as the definition says: 2^depth times for nested loops."""
    edges: list[Edge] = []
    states = dict(states)
    for operation in operations:
        if isinstance(operation, int):
            name, number = leaves.texts[operation], leaves.numbers[operation]
            origins = states.get(name, frozenset())
            edges.append((name, number, 0, (name,) if origins else (), origins))
            if not origins and leaves.is_identifier[operation]:
                states[name] = frozenset({number})
        elif isinstance(operation, Bind):
            edges += bind(operation, leaves, states)
        elif isinstance(operation, Branch):
            ends = []
            for way in operation.ways:
                more, end = run_literally(way, leaves, states)
                edges += more
                ends.append(end)
            states = join([*ends] if operation.is_exhaustive else [*ends, states])
        else:
            first, states = run_literally(operation.body, leaves, states)
            second, states = run_literally(operation.body, leaves, states)
            edges += unite([*first, *second])
    return edges, states


def bind(operation: Bind, leaves: Leaves, states: States) -> list[Edge]:
    edges = []
    sources = list(operation.sources or ())
    groups = [[source] for source in sources] if operation.is_default else [sources]
    for target in operation.targets:
        name, number = leaves.texts[target], leaves.numbers[target]
        for group in groups:
            names = tuple(leaves.texts[source] for source in group)
            origins = frozenset(leaves.numbers[source] for source in group)
            edges.append((name, number, 0 if operation.is_default else 1, names, origins))
        states[name] = frozenset({number})
    return edges


def join(ends: list[States]) -> States:
    names = dict.fromkeys(name for end in ends for name in end)
    return {name: frozenset().union(*(end.get(name, frozenset()) for end in ends)) for name in names}


def unite(edges: list[Edge]) -> list[Edge]:
    united: dict[tuple[str, int, int], Edge] = {}
    for name, number, relation, sources, origins in edges:
        key = (name, number, relation)
        if key in united:
            *_, other_sources, other_origins = united[key]
            sources = tuple(dict.fromkeys(other_sources + sources))
            origins = other_origins | origins
        united[key] = (*key, sources, origins)
    return list(united.values())


def count_literally(operations: Operations, leaves: Leaves) -> Counter[int]:
    edges, _ = run_literally(operations, leaves, {})
    run = dataflow._Run(leaves, hash_order=False)
    ordered = sorted(edges, key=lambda edge: edge[1])
    return dataflow._normalise(run.unite_by_token(dataflow._connected(ordered)))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deep_programs)
def test_loops_have_the_flow_of_running_each_body_twice(text: str) -> None:
    operations, leaves = read_program(text)
    assert count_flows(operations, leaves, hash_order=False) == count_literally(operations, leaves)


@pytest.mark.parametrize("keyword", ["while x", "for x in y"])
def test_values_that_alternate_between_runs_are_all_seen(keyword: str) -> None:
    lines = []
    for depth in range(6):
        lines += [
            " " * depth + f"v{depth} = a{depth}",
            " " * depth + f"{keyword}:",
        ]
    lines.append(" " * 6 + "print(v0, v1, v2, v3, v4, v5)")
    for depth in reversed(range(6)):
        lines.append(" " * (depth + 1) + f"v{depth} = b{depth} + v{(depth + 1) % 6}")
    operations, leaves = read_program("\n".join(lines))
    assert count_flows(operations, leaves, hash_order=False) == count_literally(operations, leaves)


def test_a_string_assigned_to_an_attribute_hides_the_flow_of_the_program_except_in_fixed() -> None:
    text = "self.x = 'abc'\ny = z"
    assert not extract_features(text, Mode.STABLE).flows
    assert extract_features(text, Mode.FIXED).flows
