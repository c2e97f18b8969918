"""Importing App Intents metadata: the `extract.actionsdata` that Xcode writes into an app.

The file is JSON. Texts are `{"key": text}`; types are unions with one key; defaults stand in a flat list of
keys and values. The type numbers are not documented by Apple; a number that is not known here is `any`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workflowbench.catalogue.api import Api, Parameter
from workflowbench.catalogue.bundles import bundle_identifier_of
from workflowbench.catalogue.collection import Catalogue
from workflowbench.catalogue.file_shape import refusing_other_shapes

_EXPECTED = "App Intents metadata: expected JSON with an object `actions`"
_REMEDY = "Give the file Metadata.appintents/extract.actionsdata of an app."

_PRIMITIVES = {
    0: "string",
    1: "boolean",
    2: "integer",
    7: "number",
    8: "date",
    9: "date",
    10: "location",
    11: "url",
    12: "string",
}
_INTENTS_FILE = 12
_CONNECTS_TO_PREVIOUS_RESULT = 2
_DEFAULT_VALUE = "LNValueTypeSpecificMetadataKeyDefaultValue"
_UNRESOLVED_TEXT = re.compile(r"[A-Z0-9]+([_.-][A-Z0-9]+)+")

_Enums = Mapping[str, tuple[str, ...]]


def import_actionsdata(path: Path, bundle_identifier: str | None = None) -> Catalogue:
    """Read every discoverable action of an `.actionsdata` file.

    Without a bundle identifier, that of the app around the file is taken.

    Raises:
        ValueError: The file is no App Intents metadata, or lies in no app and no bundle identifier is given.

    """
    bundle = bundle_identifier or bundle_identifier_of(path)
    with refusing_other_shapes(path, _EXPECTED, _REMEDY):
        metadata = json.loads(path.read_bytes())
        enums = {
            enum["identifier"]: tuple(case["identifier"] for case in enum.get("cases", ()))
            for enum in metadata.get("enums", ())
        }
        return Catalogue(
            _api(f"{bundle}.{name}", action, enums)
            for name, action in metadata["actions"].items()
            if action.get("isDiscoverable", True)
        )


def _api(identifier: str, action: Mapping[str, Any], enums: _Enums) -> Api:
    parameters = action.get("parameters", ())
    described = action.get("descriptionMetadata", {})
    output = action.get("outputType")
    inputs = [parameter["name"] for parameter in parameters if _is_input(parameter)]
    title = _text(action.get("title"))
    return Api(
        identifier=identifier,
        name=title,
        category=_text(described.get("categoryName")),
        description=_text(described.get("descriptionText")),
        parameters=tuple(_parameter(parameter, enums) for parameter in parameters),
        input_key=next(iter(inputs), None),
        output_name=None if output is None else title,
        output_types=() if output is None else (_type(output)[0],),
        origin="actionsdata",
    )


def _is_input(parameter: Mapping[str, Any]) -> bool:
    return parameter.get("inputConnectionBehavior") == _CONNECTS_TO_PREVIOUS_RESULT


def _parameter(parameter: Mapping[str, Any], enums: _Enums) -> Parameter:
    kind, enum = _type(parameter.get("valueType", {}))
    default = next(_defaults(parameter.get("typeSpecificMetadata", ())), None)
    if kind == "boolean" and default is not None:
        default = bool(default)
    return Parameter(
        key=parameter["name"],
        type=kind,
        required=not parameter.get("isOptional", False) and default is None,
        default=default,
        enum=enums.get(enum or "", ()),
        description=_text(parameter.get("parameterDescription")) or _text(parameter.get("title")),
    )


def _type(value_type: Mapping[str, Any]) -> tuple[str, str | None]:
    """Name a value type, and the enum that it uses, if any."""
    for kind, content in value_type.items():
        wrapper = content.get("wrapper", {})
        if kind == "array":
            member, enum = _type(wrapper.get("memberValueType", {}))
            return f"array[{member}]", enum
        if kind == "linkEnumeration":
            return "enum", wrapper.get("identifier")
        if kind == "entity":
            return wrapper.get("typeName", "any"), None
        if kind == "measurement":
            return "quantity", None
        if kind == "intents" and wrapper.get("typeIdentifier") == _INTENTS_FILE:
            return "file", None
        if kind == "primitive":
            return _PRIMITIVES.get(wrapper.get("typeIdentifier"), "any"), None
    return "any", None


def _defaults(metadata: Any) -> Iterator[Any]:
    for key, value in zip(metadata[::2], metadata[1::2], strict=False):
        if key == _DEFAULT_VALUE:
            yield from map(_value, value.items())


def _value(tagged: tuple[str, Mapping[str, Any]]) -> Any:
    kind, content = tagged
    if kind == "array":
        return [_value(item) for element in content.get("elements", ()) for item in element.items()]
    return content.get("wrapper")


def _text(localised: Mapping[str, Any] | None) -> str:
    """Return a text; a key that was not resolved, such as `CREATE_NOTE_TITLE`, is no text."""
    text = " ".join((localised or {}).get("key", "").split())
    return "" if _UNRESOLVED_TEXT.fullmatch(text) else text
