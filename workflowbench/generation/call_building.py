"""Calls that keep their API's document: documented keys and values only, every required argument given."""

from collections.abc import Mapping
from typing import Any

from workflowbench.catalogue.api import Api, Parameter
from workflowbench.generation.scope import SHORTCUT_INPUT, Scope, kind_of
from workflowbench.shortcuts.values import Attachment, Text
from workflowbench.thoughts.wording import key_words, one_line, upper_first

_PROMPT_LIMIT = 60


def conforming(api: Api, given: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """Return the arguments of a call as the API's document wants them.

    Arguments that it does not document, and literals outside an enum, are left out; what a call must give is
    added: the newest result of a fitting kind, the first value of an enum, or a value that is asked for when
    the workflow runs.

    Args:
        api: The API.
        given: Arguments that the call has, as values of `workflowbench.shortcuts.values`.
        scope: What is defined before the call.

    """
    arguments = documented(api, given)
    for parameter in api.parameters:
        if parameter.key not in arguments and (parameter.required or parameter.key == api.input_key):
            arguments[parameter.key] = _argument(api, parameter, scope, arguments)
    return arguments or _shown(api, scope)


def documented(api: Api, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that an API documents, literals outside an enum left out."""
    known = {parameter.key: parameter for parameter in api.parameters}
    return {key: value for key, value in given.items() if key in known and _is_legal(known[key], value)}


def _is_legal(parameter: Parameter, value: Any) -> bool:
    return not parameter.enum or type(value) is not str or value in parameter.enum


def _argument(api: Api, parameter: Parameter, scope: Scope, others: Mapping[str, Any]) -> Any:
    """Return a value for a parameter that a call needs, beside the other arguments that it has."""
    if parameter.key == api.input_key:
        found = scope.latest(map(kind_of, api.input_types or ("any",)))
        return found or (_asked(parameter) if parameter.required else SHORTCUT_INPUT)
    if parameter.enum:
        return parameter.enum[0]
    if parameter.type == "boolean":
        return True
    kind = kind_of(parameter.type)
    found = scope.latest((kind,)) if kind != "any" else None
    if found is None or any(value in (found, Text((found,))) for value in others.values()):
        return _asked(parameter)
    return Text((found,)) if parameter.type == "string" else found


def _asked(parameter: Parameter) -> Attachment:
    """A value that is asked for each time that the workflow runs."""
    words = one_line(parameter.description, _PROMPT_LIMIT).rstrip(".") or key_words(parameter.key)
    return Attachment("Ask", upper_first(words))


def _shown(api: Api, scope: Scope) -> dict[str, Any]:
    """Return the newest result as the first text of a call that would do its effect on nothing."""
    latest = scope.latest()
    first = next((parameter for parameter in api.parameters if parameter.type == "string"), None)
    if latest is None or first is None or first.enum or api.output_name is not None:
        return {}
    return {first.key: Text((latest,))}
