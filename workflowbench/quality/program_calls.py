"""The calls of APIs in a program, wherever they stand in its syntax tree."""

import ast
import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflowbench.catalogue.api import Api
from workflowbench.catalogue.collection import Catalogue
from workflowbench.shortcuts.names import HELPERS
from workflowbench.shortcuts.tree import BLOCK_KINDS, PREFIX
from workflowbench.thoughts.vocabulary import statements_of

CONSTRUCTS: Mapping[str, str] = {
    **dict.fromkeys(BLOCK_KINDS, "`if`, `for` and `match` are the language's own control flow"),
    PREFIX + "appendvariable": "written `name.append(x)`",
    PREFIX + "ask": "written `input(...)`",
    PREFIX + "comment": "written `# '''text'''`",
    PREFIX + "dictionary": "written as a dictionary",
    PREFIX + "gettext": "written as a text",
    PREFIX + "getvalueforkey": "written `x['''key''']`, `x.keys()` or `x.values()`",
    PREFIX + "getvariable": "written by naming the variable",
    PREFIX + "nothing": "does nothing, as `pass` does",
    PREFIX + "setvariable": "written `name = x`",
}
"""APIs that the Python style has a form for: a program may always use them, whatever it is given."""

_NO_APIS = HELPERS | frozenset(dir(builtins))
_SOURCES = frozenset({"is_workflow_actions_getclipboard", "is_workflow_actions_getdevicedetails"})
"""Calls that, without arguments, may also be values that the system holds ready."""


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call of an API.

    Attributes:
        node: The call.
        identifier: Identifier of the API.
        api: Its documentation, if the catalogue has it.

    """

    node: ast.Call
    identifier: str
    api: Api | None

    @property
    def function(self) -> str:
        """Name that the program calls the API by."""
        assert isinstance(self.node.func, ast.Name)
        return self.node.func.id

    @property
    def is_value(self) -> bool:
        """True for the clipboard and the details of the device, which any expression may name."""
        return self.function in _SOURCES and not self.node.args and not self.node.keywords


def api_calls(module: ast.Module, catalogue: Catalogue) -> Iterator[ApiCall]:
    """Yield the calls of APIs in a program in no fixed order, those in forms of the style left out."""
    declared = _declared(module)
    for node in ast.walk(module):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        name = node.func.id
        if name not in declared and (name in _NO_APIS or "_" not in name):
            continue
        identifier, api = _resolved(name, declared, catalogue)
        yield ApiCall(node, identifier, api)


def _resolved(name: str, declared: Mapping[str, str], catalogue: Catalogue) -> tuple[str, Api | None]:
    if (identifier := declared.get(name)) is not None:
        return identifier, catalogue.get(identifier)
    api = catalogue.by_function.get(name)
    return (api.identifier if api else name.replace("_", ".")), api


def _declared(module: ast.Module) -> dict[str, str]:
    """Identifier by function name, for the actions that a program declares by `action('''...''')`."""
    declared = {}
    for node in statements_of(module):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="action"), args=[ast.Constant(value=str() as identifier)]),
            ):
                declared[name] = identifier
    return declared


def arguments_of(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Yield key and value of each named argument, those in `**{...}` included."""
    for keyword in call.keywords:
        if keyword.arg is not None:
            yield keyword.arg, keyword.value
        elif isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value
