"""Follows a program along its paths: which names are defined, and which statements are reached.

A loop is taken to run at least once. A menu that is cancelled ends the workflow, so that one of its cases is
always taken. A variable that no line of the path has set is empty in Shortcuts, which real workflows rely
on; a result whose action did not run is a fault.
"""

import ast
from collections.abc import Iterator

from workflowbench.quality.findings import Finding
from workflowbench.quality.program_calls import arguments_of
from workflowbench.shortcuts.names import HELPERS, INPUTS, MENU_CHOICE, loop_variable_of
from workflowbench.shortcuts.program_names import ProgramNames, appended_name, declaration_of

_STOPS = frozenset({"is_workflow_actions_exit", "is_workflow_actions_output"})
"""Actions that end the workflow."""
_STORES = frozenset({"is_workflow_actions_appendvariable", "is_workflow_actions_setvariable"})
_ANNOUNCING = frozenset({"named_variable", "pending_output"})
"""Helpers that declare a name without a value."""
_NO_STEPS = frozenset({"is_workflow_actions_comment", "is_workflow_actions_nothing"})
_KNOWN = HELPERS | frozenset(INPUTS.values()) | {MENU_CHOICE}


def check_names(module: ast.Module, names: ProgramNames) -> list[Finding]:
    """Find names that no line or not every path defines before their use, and what is never reached.

    Args:
        module: The program.
        names: What its names stand for.

    """
    flow = _NameFlow(names)
    flow.follow(module.body, set())
    return [*flow.findings, *flow.unused(), *flow.missing()]


class _NameFlow:
    def __init__(self, names: ProgramNames) -> None:
        self._names = names
        self.findings: list[Finding] = []
        self._seen: set[str] = set()
        self._used: set[str] = set()
        self._reported: set[str] = set()
        self._pending: dict[str, ast.Assign] = {}
        self._early: dict[str, Finding] = {}
        self._assigned: dict[str, ast.Assign] = {}

    def unused(self) -> Iterator[Finding]:
        """Names that are given to a result and never used."""
        for name, node in self._assigned.items():
            if name not in self._used:
                yield _at(node, "unused_result", f"`{name}` is never used; leave the name out.")

    def missing(self) -> Iterator[Finding]:
        """Results that are announced and never come, and variables that are declared and never set."""
        for name, node in self._pending.items():
            if declaration_of(node) == "pending_output":
                detail = f"No action gives `{name}`; take it from an action, or leave out what uses it."
                yield _at(node, "missing_result", detail)
            elif name in self._used:
                yield _at(node, "never_set", f"Nothing sets `{name}`; set it, or leave out what uses it.")

    def follow(self, body: list[ast.stmt], defined: set[str]) -> set[str] | None:
        """Follow a body; returns the names defined at its end, None if the end is never reached."""
        reached: set[str] | None = defined
        for node in body:
            if reached is None:
                if self._does_nothing(node):
                    continue
                detail = "The workflow has ended before this line; remove it, or move it up."
                self.findings.append(_at(node, "unreachable", detail))
                return None
            reached = self._step(node, reached)
        return reached

    def _does_nothing(self, node: ast.stmt) -> bool:
        """Tell whether a statement is no step, or only hands a value to the result of the block around it."""
        match node:
            case ast.Expr(value=ast.Call(func=ast.Name(id=function))) if function in _NO_STEPS:
                return True
            case ast.Assign(targets=[ast.Name(id=name)]):
                return name in self._names.results
            case ast.Expr(value=value):
                return appended_name(value) in self._names.results
            case _:
                return isinstance(node, ast.Pass)

    def _step(self, node: ast.stmt, defined: set[str]) -> set[str] | None:
        match node:
            case ast.If(test=test, body=body, orelse=orelse):
                self._use(test, defined)
                return _joined([self.follow(branch, set(defined)) for branch in (body, orelse)])
            case ast.For(iter=iterated, body=body):
                self._use(iterated, defined)
                ended = self.follow(body, set(defined))
                return defined if ended is None else ended
            case ast.Match(subject=subject, cases=cases):
                self._use(subject, defined)
                for case in cases:
                    self._use(case.guard, defined)
                return _joined([self.follow(case.body, set(defined)) for case in cases])
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._assign(node, name, value, defined)
                return defined
            case ast.Expr(value=ast.Call(func=ast.Name(id=function)) as call) if function in _STOPS:
                self._use(call, defined)
                return None
            case ast.Expr(value=ast.Call(func=ast.Name(id=function)) as call) if function in _STORES:
                self._use(call, defined)
                for stored in self._stored(call):
                    self._define(stored, defined)
                return defined
            case ast.Expr(value=ast.Call(args=items) as call) if (added := appended_name(call)) is not None:
                for item in items:
                    self._use(item, defined)
                self._define(added, defined)
                return defined
            case _:
                self._use(node, defined)
                return defined

    def _stored(self, call: ast.Call) -> list[str]:
        """Names of the variable that a plain call of Set or Add to Variable stores in."""
        given = dict(arguments_of(call)).get("WFVariableName")
        variable = given.value if isinstance(given, ast.Constant) else None
        return [name for name, stands_for in self._names.variables.items() if stands_for == variable]

    def _assign(self, node: ast.Assign, name: str, value: ast.expr, defined: set[str]) -> None:
        helper = declaration_of(node)
        if helper in _ANNOUNCING:
            self._pending[name] = node
            self._seen.add(name)
            return
        if helper is None:
            self._use(value, defined)
            self._assigned.setdefault(name, node)
        self._define(name, defined)

    def _define(self, name: str, defined: set[str]) -> None:
        if self._pending.pop(name, None) and (early := self._early.pop(name, None)):
            self.findings.append(early)
        self._seen.add(name)
        defined.add(name)

    def _use(self, node: ast.AST | None, defined: set[str]) -> None:
        for name in _loaded(node):
            self._used.add(name.id)
            if name.id in defined or name.id in self._reported or _is_known(name.id):
                continue
            self._reported.add(name.id)
            if name.id in self._pending:
                self._early[name.id] = self._undefined(name)
            else:
                self.findings.append(self._undefined(name))

    def _undefined(self, name: ast.Name) -> Finding:
        if name.id not in self._seen:
            return _at(name, "undefined_name", f"`{name.id}` is not defined before this line.")
        where = "on every path to this line; define it before the branches."
        if name.id in self._names.variables:
            return _at(name, "maybe_empty", f"`{name.id}` is not set {where}")
        return _at(name, "maybe_undefined", f"`{name.id}` is not defined {where}")


def _loaded(node: ast.AST | None) -> list[ast.Name]:
    """Names whose values an expression uses; the names of the functions that it calls are none."""
    parts = list(ast.walk(node)) if node is not None else []
    functions = {id(part.func) for part in parts if isinstance(part, ast.Call)}
    return [
        part
        for part in parts
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and id(part) not in functions
    ]


def _is_known(name: str) -> bool:
    return name in _KNOWN or loop_variable_of(name) is not None


def _joined(ends: list[set[str] | None]) -> set[str] | None:
    """Names that are defined wherever branches meet; None if none of them gets there."""
    reached = [names for names in ends if names is not None]
    return set.intersection(*reached) if reached else None


def _at(node: ast.expr | ast.stmt, rule: str, detail: str) -> Finding:
    return Finding(rule, node.lineno, node.col_offset + 1, detail)
