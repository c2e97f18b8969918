"""An API as a model sees it: a JSON document, and a Python function stub with its types and defaults."""

import keyword
import re
from collections.abc import Iterator
from typing import Any

from workflowbench.catalogue.api import Api, Parameter

_PYTHON_TYPES = {
    "array": "list",
    "boolean": "bool",
    "date": "datetime.datetime",
    "dictionary": "dict",
    "enum": "str",
    "integer": "int",
    "number": "float",
    "string": "str",
    "url": "str",
}

_PYTHON_OUTPUTS = {
    "NSAttributedString": "str",
    "NSDate": "datetime.datetime",
    "NSDecimalNumber": "float",
    "NSDictionary": "dict",
    "NSNumber": "float",
    "NSString": "str",
    "NSURL": "str",
    "WFBooleanContentItem": "bool",
    "WFDateContentItem": "datetime.datetime",
    "WFDictionaryContentItem": "dict",
    "WFNumberContentItem": "float",
    "WFStringContentItem": "str",
    "WFURLContentItem": "str",
    "public.plain-text": "str",
}

_ANYTHING = "WFContentItem"
_IMPLICIT_INPUT = "In a shortcut, the result of the action before it is taken where this is absent."

_PYTHON_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def api_document(api: Api) -> dict[str, Any]:
    """Describe an API as a JSON document: what it does, its parameters by need, and what it returns."""
    return {
        "name": api.identifier,
        "function": api.function,
        "title": api.name,
        "description": api.description,
        "required_parameters": [_parameter_document(api, p) for p in api.parameters if p.required],
        "optional_parameters": [_parameter_document(api, p) for p in api.parameters if not p.required],
        "return_data": _return_document(api),
    }


def python_stub(api: Api) -> str:
    """Write an API as a Python function stub that Python's own parser accepts.

    Parameters are keyword-only, required ones first; an optional one without a default is `None`. A key that
    is no Python name, e.g. `Show-text`, is taken by `**others` and documented with the way to pass it.
    """
    lines = [f"def {api.function}({_signature(api)}) -> {_return_type(api)}:", *_docstring(api)]
    return "\n".join(lines) + "\n"


def _parameter_document(api: Api, parameter: Parameter) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": parameter.key,
        "type": parameter.type,
        "description": _description(api, parameter),
    }
    if parameter.enum:
        document["enum"] = list(parameter.enum)
    if parameter.default is not None:
        document["default"] = parameter.default
    return document


def _return_document(api: Api) -> dict[str, Any] | None:
    if api.output_name is None:
        return None
    return {"name": api.output_name, "types": list(api.output_types)}


def _description(api: Api, parameter: Parameter) -> str:
    if parameter.key != api.input_key:
        return parameter.description
    accepted = [name for name in api.input_types if name != _ANYTHING]
    accepts = f"Accepts {', '.join(accepted)}." if accepted else ""
    return " ".join(filter(None, (parameter.description, accepts, _IMPLICIT_INPUT)))


def _signature(api: Api) -> str:
    named = [parameter for parameter in api.parameters if _is_python_name(parameter.key)]
    ordered = sorted(named, key=lambda parameter: not parameter.required)
    arguments = [_argument(parameter) for parameter in ordered]
    if arguments:
        arguments.insert(0, "*")
    if len(named) < len(api.parameters):
        arguments.append("**others: object")
    return "".join(f"\n    {argument}," for argument in arguments) + ("\n" if arguments else "")


def _argument(parameter: Parameter) -> str:
    annotation = _annotation(parameter)
    if parameter.required:
        return f"{parameter.key}: {annotation}"
    if parameter.default is None:
        return f"{parameter.key}: {annotation} | None = None"
    return f"{parameter.key}: {annotation} = {parameter.default!r}"


def _annotation(parameter: Parameter) -> str:
    if parameter.enum and not parameter.type.startswith("array"):
        return f"Literal[{', '.join(map(repr, parameter.enum))}]"
    return _python_type(parameter.type)


def _python_type(name: str) -> str:
    if name.startswith("array[") and name.endswith("]"):
        return f"list[{_python_type(name[6:-1])}]"
    return _PYTHON_TYPES.get(name, "object")


def _return_type(api: Api) -> str:
    if api.output_name is None:
        return "None"
    types = dict.fromkeys(_PYTHON_OUTPUTS.get(name) or _python_type(name) for name in api.output_types)
    return "object" if "object" in types or not types else " | ".join(types)


def _docstring(api: Api) -> Iterator[str]:
    yield f'    """{_prose(api.description or api.name or api.identifier)}'
    if api.parameters:
        yield ""
        yield "    Parameters:"
        for parameter in sorted(api.parameters, key=lambda parameter: not parameter.required):
            yield f"        {_documented(api, parameter)}"
    yield ""
    yield "    Returns:"
    yield f"        {_returned(api)}"
    yield '    """'


def _documented(api: Api, parameter: Parameter) -> str:
    facts = [parameter.type]
    if not _is_python_name(parameter.key):
        facts.append(f"pass as **{{{parameter.key!r}: ...}}")
        facts.extend(["one of " + ", ".join(map(repr, parameter.enum))] if parameter.enum else [])
        facts.extend([f"default {parameter.default!r}"] if parameter.default is not None else [])
    if parameter.required:
        facts.append("required")
    told = f"{parameter.key} ({', '.join(facts)}): {_description(api, parameter)}"
    return _prose(told).rstrip(": ")


def _returned(api: Api) -> str:
    if api.output_name is None:
        return "None"
    types = f"({', '.join(api.output_types)})" if api.output_types else ""
    return _prose(" ".join(filter(None, (api.output_name or "A result", types))))


def _prose(text: str) -> str:
    """One line of text, escaped for a docstring in triple double quotes."""
    line = " ".join(text.split()).replace("\\", "\\\\").replace('"""', r"\"\"\"")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)


def _is_python_name(key: str) -> bool:
    return _PYTHON_NAME.fullmatch(key) is not None and not keyword.iskeyword(key)
