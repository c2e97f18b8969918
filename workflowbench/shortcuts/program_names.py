"""What each name of a program stands for, found before its statements are read."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from workflowbench.shortcuts.names import INPUT_HELPERS, loop_variable_of
from workflowbench.shortcuts.program_errors import error_at

_STEP_CALLS = frozenset(
    {
        "aggrandized",
        "ask_each_time",
        "coerce_variable",
        "float",
        "format_date",
        "get_property",
        "str",
        "unit_variable_transform",
    }
)
_INPUT_KINDS = {helper: kind for kind, helper in INPUT_HELPERS.items()}
_DECLARATIONS = frozenset({"action", "named_variable", "pending_output", *_INPUT_KINDS})
_COMPOUND = (ast.If, ast.For, ast.Match)


@dataclass(slots=True)
class ProgramNames:
    """The names of one program.

    Attributes:
        variables: Python name to the name of the variable in the shortcut.
        inputs: Python name to Apple's attachment type, for declared inputs.
        outputs: Names of results of actions and blocks.
        results: Those of `outputs` that are results of blocks.
        functions: Function name to action identifier, for declared actions.
        text_lines: Lines that begin inside an expression or text, where no comment can stand.
    """

    variables: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: set[str] = field(default_factory=set)
    results: set[str] = field(default_factory=set)
    functions: dict[str, str] = field(default_factory=dict)
    text_lines: set[int] = field(default_factory=set)


def declaration_of(statement: ast.stmt) -> str | None:
    """The helper by which a statement declares a name, or None."""
    if (
        type(statement) is ast.Assign
        and type(call := statement.value) is ast.Call
        and type(call.func) is ast.Name
    ):
        return call.func.id if call.func.id in _DECLARATIONS else None
    return None


def find_names(module: ast.Module) -> ProgramNames:
    """Collect the names of a program.

    Raises:
        ProgramError: A declaration without its text.
    """
    names = ProgramNames()
    assigned: list[tuple[str, ast.expr]] = []
    appended: list[str] = []
    for body in _bodies(module, names.text_lines):
        for statement, following in zip(body, [*body[1:], None], strict=False):
            if type(statement) is ast.Assign and len(statement.targets) == 1:
                target = statement.targets[0]
                if type(target) is not ast.Name:
                    continue
                if kind := declaration_of(statement):
                    _declare(names, kind, target.id, statement)
                elif _starts_result(statement.value, following):
                    names.results.add(target.id)
                    names.outputs.add(target.id)
                else:
                    assigned.append((target.id, statement.value))
            elif type(statement) is ast.Expr and (name := appended_name(statement.value)):
                appended.append(name)
    for name in appended:
        if name not in names.results:
            names.variables.setdefault(name, loop_variable_of(name) or name)
    for name, value in assigned:
        if name not in names.results and (loop_variable_of(name) or _is_stored_reference(value)):
            names.variables.setdefault(name, loop_variable_of(name) or name)
    names.outputs.update(name for name, _ in assigned if name not in names.variables)
    return names


def appended_name(value: ast.expr) -> str | None:
    """Name in `name.append(...)`, or None."""
    if (
        type(value) is ast.Call
        and type(function := value.func) is ast.Attribute
        and function.attr == "append"
    ):
        return function.value.id if type(function.value) is ast.Name else None
    return None


def _declare(names: ProgramNames, kind: str, name: str, statement: ast.Assign) -> None:
    call = statement.value
    assert isinstance(call, ast.Call)
    if kind in _INPUT_KINDS:
        if call.args or call.keywords:
            raise error_at(call, f"`{kind}` takes no argument")
        names.inputs[name] = _INPUT_KINDS[kind]
        return
    text = call.args[0] if call.args else None
    if len(call.args) != 1 or call.keywords or type(text) is not ast.Constant or type(text.value) is not str:
        raise error_at(call, f"`{kind}` takes one text")
    if kind == "action":
        names.functions[name] = text.value
    elif kind == "named_variable":
        names.variables[name] = text.value
    else:
        names.outputs.add(name)


def _starts_result(value: ast.expr, following: ast.stmt | None) -> bool:
    """True for `name = None` before an `if` or menu, and `name = []` before a loop."""
    if type(value) is ast.List and not value.elts:
        return type(following) is ast.For
    if type(value) is ast.Constant and value.value is None:
        is_menu = type(following) is ast.Expr and ast.unparse(following).startswith("choose_from_menu(")
        return type(following) in (ast.If, ast.Match) or is_menu
    return False


def _is_stored_reference(value: ast.expr) -> bool:
    """True for values that only Set Variable can store."""
    if type(value) in (ast.Name, ast.Attribute):
        return True
    if type(value) is not ast.Call:
        return False
    if type(value.func) is ast.Name:
        return value.func.id in _STEP_CALLS
    return ast.unparse(value.func) == "datetime.datetime.now"


def _bodies(module: ast.Module, text_lines: set[int]) -> Iterator[list[ast.stmt]]:
    """Every list of statements of a program, outer ones first."""
    stack: list[list[ast.stmt]] = [module.body]
    while stack:
        body = stack.pop()
        yield body
        inner: list[list[ast.stmt]] = []
        for statement in body:
            if not isinstance(statement, _COMPOUND):
                _add_lines(text_lines, statement)
            elif isinstance(statement, ast.Match):
                _add_lines(text_lines, statement.subject)
                for case in statement.cases:
                    _add_lines(text_lines, case.pattern)
                    if case.guard is not None:
                        _add_lines(text_lines, case.guard)
                    inner.append(case.body)
            else:
                _add_lines(text_lines, statement.test if isinstance(statement, ast.If) else statement.iter)
                inner.extend(part for part in (statement.body, statement.orelse) if part)
        stack.extend(reversed(inner))


def _add_lines(lines: set[int], node: ast.AST) -> None:
    first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
    if last > first:
        lines.update(range(first + 1, last + 1))
