"""Arguments of calls against the catalogue: known, given where required, of the right type and value."""

import ast
import re
from collections.abc import Iterator

from workflowbench.catalogue.api import Api, Parameter
from workflowbench.quality.findings import Finding
from workflowbench.quality.program_calls import ApiCall, arguments_of
from workflowbench.quality.value_kinds import accepts, kind_of

_EDITOR_KEY = re.compile(
    r"AppIntentDescriptor|IntentAppDefinition|CustomOutputName|GroupingIdentifier|UUID|ShowWhenRun|Show-.*"
)
"""Keys that any action may have: how the editor shows it, what block it is in, which app runs it."""

_OLD_INPUTS = {
    "is.workflow.actions.text.combine": "text",
    "is.workflow.actions.text.match": "text",
    "is.workflow.actions.text.match.getgroup": "matches",
    "is.workflow.actions.text.split": "text",
}
"""Inputs that iOS 12 left out where they are the result before; Shortcuts still runs such workflows."""

_SHOWN = 8
"""Values that a finding names."""


def check_arguments(call: ApiCall) -> Iterator[Finding]:
    """Find what is wrong with the arguments of one call of a documented API."""
    assert call.api is not None
    documented = {parameter.key: parameter for parameter in call.api.parameters}
    given = dict(arguments_of(call.node))
    for key, value in given.items():
        parameter = documented.get(key)
        if parameter is not None:
            yield from _check_value(call.api, parameter, value)
        elif not _EDITOR_KEY.fullmatch(key):
            yield _unknown(call.api, key, value)
    for key in call.api.required_keys:
        if key not in given:
            yield _missing(call, key)


def _check_value(api: Api, parameter: Parameter, value: ast.expr) -> Iterator[Finding]:
    if parameter.key != api.input_key and not accepts(parameter, value):
        detail = (
            f"`{parameter.key}` of `{api.function}` is of type {parameter.type}, "
            f"this is a {kind_of(value)}; give such a value."
        )
        yield _at(value, "wrong_type", detail)
    elif parameter.type == "enum" and parameter.enum:
        for text, node in _literals(value):
            if text not in parameter.enum:
                detail = (
                    f"`{parameter.key}` of `{api.function}` cannot be {_quoted(text)}; "
                    f"it is one of {_listed(parameter.enum)}."
                )
                yield _at(node, "illegal_value", detail)


def _literals(value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield the literal texts that a value is, or lists."""
    for node in value.elts if isinstance(value, ast.List) else [value]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node


def _unknown(api: Api, key: str, value: ast.expr) -> Finding:
    known = _listed([parameter.key for parameter in api.parameters]) or "none"
    detail = f"`{api.function}` has no parameter {_quoted(key)}; it has {known}."
    return _at(value, "unknown_argument", detail)


def _missing(call: ApiCall, key: str) -> Finding:
    assert call.api is not None
    if key in (call.api.input_key, _OLD_INPUTS.get(call.identifier)):
        detail = f"`{call.function}` takes what flows to it from before; name that by `{key}=`."
        return _at(call.node, "implicit_input", detail)
    return _at(call.node, "missing_argument", f"`{call.function}` requires `{key}`; give it.")


def _at(node: ast.expr, rule: str, detail: str) -> Finding:
    return Finding(rule, node.lineno, node.col_offset + 1, detail)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")


def _listed(values: list[str] | tuple[str, ...]) -> str:
    shown = ", ".join(map(_quoted, values[:_SHOWN]))
    return f"{shown} and {len(values) - _SHOWN} more" if len(values) > _SHOWN else shown
