"""Small shortcuts as action lists, and what tests ask of programs."""

import ast
import builtins
from collections.abc import Iterator
from typing import Any

from workflowbench.shortcuts.names import HELPERS
from workflowbench.shortcuts.transcription import transcribe

PREFIX = "is.workflow.actions."
FREE_NAMES = HELPERS | set(dir(builtins))


def action(name: str, /, **parameters: Any) -> dict[str, Any]:
    """A built-in action; `name` is what follows `is.workflow.actions.`, or a whole identifier."""
    identifier = name if name.startswith(("com.", "net.")) else PREFIX + name
    return {"WFWorkflowActionIdentifier": identifier, "WFWorkflowActionParameters": parameters}


def marker(name: str, mode: int, /, group: str = "G", **parameters: Any) -> dict[str, Any]:
    """A block marker."""
    return action(name, GroupingIdentifier=group, WFControlFlowMode=mode, **parameters)


def output(uuid: str, label: str = "", *steps: dict[str, Any]) -> dict[str, Any]:
    """A bare reference to an action's output."""
    return {"Type": "ActionOutput", "OutputUUID": uuid, "OutputName": label} | with_steps(steps)


def variable(name: str, *steps: dict[str, Any]) -> dict[str, Any]:
    """A bare reference to a variable."""
    return {"Type": "Variable", "VariableName": name} | with_steps(steps)


def with_steps(steps: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """The entry that holds aggrandizements, if there are any."""
    return {"Aggrandizements": list(steps)} if steps else {}


def reference(bare: dict[str, Any]) -> dict[str, Any]:
    """A reference as a parameter stores it."""
    return {"Value": bare, "WFSerializationType": "WFTextTokenAttachment"}


def picked(bare: dict[str, Any]) -> dict[str, Any]:
    """A reference as a condition stores it."""
    return {"Type": "Variable", "Variable": reference(bare)}


def text(string: str, **attachments: dict[str, Any]) -> dict[str, Any]:
    """Text whose attachments are given by UTF-16 offset, `at_3=...`."""
    ranges = {f"{{{key[3:]}, 1}}": value for key, value in attachments.items()}
    return {
        "Value": {"string": string, "attachmentsByRange": ranges},
        "WFSerializationType": "WFTextTokenString",
    }


def code_of(*actions: dict[str, Any]) -> str:
    """The program of an action list, whose round trip must hold."""
    transcription = transcribe({"WFWorkflowActions": list(actions)})
    assert transcription.round_trip
    return transcription.code


def undefined_names(code: str) -> set[str]:
    """Names that a program uses before any earlier line defines them; declared inputs excepted."""
    defined: set[str] = set()
    undefined: set[str] = set()
    for node in _in_order(ast.parse(code).body):
        if isinstance(node, str):
            defined.add(node)
        elif node.id not in defined and node.id not in FREE_NAMES and not node.id.startswith("is_workflow_"):
            undefined.add(node.id)
    return undefined


def _in_order(body: list[ast.stmt]) -> Iterator[ast.Name | str]:
    """Uses as nodes and definitions as names, in the order of the text; called functions are no uses."""
    for statement in body:
        if isinstance(statement, ast.Assign):
            yield from _uses(statement.value)
            yield from (target.id for target in statement.targets if isinstance(target, ast.Name))
        elif isinstance(statement, ast.For):
            yield from _uses(statement.iter)
            yield from (name.id for name in ast.walk(statement.target) if isinstance(name, ast.Name))
            yield from _in_order(statement.body)
        elif isinstance(statement, ast.If):
            yield from _uses(statement.test)
            yield from _in_order([*statement.body, *statement.orelse])
        elif isinstance(statement, ast.Match):
            yield from _uses(statement.subject)
            for case in statement.cases:
                if isinstance(case.pattern, ast.MatchAs) and case.pattern.name:
                    yield case.pattern.name
                if case.guard is not None:
                    yield from _uses(case.guard)
                yield from _in_order(case.body)
        else:
            yield from _uses(statement)


def _uses(node: ast.AST) -> Iterator[ast.Name]:
    called = {id(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
    yield from (name for name in ast.walk(node) if isinstance(name, ast.Name) and id(name) not in called)
