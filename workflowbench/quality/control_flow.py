"""Blocks that do nothing, conditions that depend on nothing, and menu cases that nobody can choose."""

import ast
from collections.abc import Iterator
from itertools import pairwise

from workflowbench.quality.findings import Finding
from workflowbench.quality.program_calls import arguments_of
from workflowbench.thoughts.vocabulary import branches_of, statements_of


def check_control_flow(module: ast.Module) -> Iterator[Finding]:
    """Find what is wrong with the blocks of a program."""
    for node in statements_of(module):
        branches = branches_of(node)
        if branches and all(_is_empty(branch) for branch in branches):
            yield _at(node, "empty_block", "Every branch of this block is empty; remove the block.")
        match node:
            case ast.If(test=test) if _is_constant(test):
                detail = "The condition is always the same; test a result or a variable."
                yield _at(test, "constant_condition", detail)
            case ast.For(iter=iterated) if _runs_never(iterated):
                yield _at(iterated, "unreachable", "The loop runs no round; repeat at least once.")
            case ast.Match():
                yield from _unreachable_cases(node)
        yield from _repeated(branches)
    yield from _repeated([module.body])


def _is_empty(body: list[ast.stmt]) -> bool:
    return all(isinstance(node, ast.Pass) for node in body)


def _is_constant(test: ast.expr) -> bool:
    """Tell whether a condition holds no name and no value that the system holds ready."""
    return not any(isinstance(part, ast.Name | ast.Call) for part in ast.walk(test))


def _runs_never(iterated: ast.expr) -> bool:
    match iterated:
        case ast.Call(
            func=ast.Name(id="range"),
            args=[_, ast.BinOp(left=ast.Call(args=[ast.Constant(value=int() | float() as count)]))],
        ):
            return count < 1
        case ast.Call(func=ast.Name(id="enumerate"), args=[ast.List(elts=[]), *_]):
            return True
        case _:
            return False


def _unreachable_cases(node: ast.Match) -> Iterator[Finding]:
    items = _items(node.subject)
    seen: set[str] = set()
    for case in node.cases:
        match case.pattern:
            case ast.MatchValue(value=ast.Constant(value=str(title))):
                if title in seen:
                    detail = f"An earlier case is {title!r} already; give each case its own title."
                    yield _at(case.pattern, "unreachable", detail)
                elif items is not None and title not in items:
                    detail = f"The menu has no item {title!r}; list it in WFMenuItems, or remove the case."
                    yield _at(case.pattern, "unreachable", detail)
                seen.add(title)


def _items(subject: ast.expr) -> set[str] | None:
    """Titles of a menu's items; None if one of them is not known before the workflow runs."""
    given = dict(arguments_of(subject)) if isinstance(subject, ast.Call) else {}
    items = given.get("WFMenuItems")
    if not isinstance(items, ast.List):
        return None
    titles = {
        item.value for item in items.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)
    }
    return titles if len(titles) == len(items.elts) else None


def _repeated(bodies: list[list[ast.stmt]]) -> Iterator[Finding]:
    """Find calls that stand directly after an equal call."""
    for body in bodies:
        for before, node in pairwise(body):
            if _is_same_call(before, node):
                yield _at(node, "repeated_call", "The statement before does the same; remove one of them.")


def _is_same_call(a: ast.stmt, b: ast.stmt) -> bool:
    match a, b:
        case (
            ast.Assign(value=ast.Call(func=ast.Name(id=name)) as call)
            | ast.Expr(value=ast.Call(func=ast.Name(id=name)) as call),
            ast.Assign(value=ast.Call(func=ast.Name(id=other_name)) as other)
            | ast.Expr(value=ast.Call(func=ast.Name(id=other_name)) as other),
        ):
            return name == other_name and ast.dump(call) == ast.dump(other)
        case _:
            return False


def _at(node: ast.expr | ast.stmt | ast.pattern, rule: str, detail: str) -> Finding:
    return Finding(rule, node.lineno, node.col_offset + 1, detail)
