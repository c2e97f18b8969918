"""Importing SiriKit intents: the `.intentdefinition` property list that Xcode keeps and apps may carry."""

import plistlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workflowbench.catalogue.api import Api, Parameter
from workflowbench.catalogue.bundles import bundle_identifier_of
from workflowbench.catalogue.collection import Catalogue
from workflowbench.catalogue.file_shape import refusing_other_shapes
from workflowbench.catalogue.values import plain_value

_EXPECTED = "intent definition: expected a property list with an array `INIntents`"
_REMEDY = "Give an .intentdefinition file, e.g. Intents.intentdefinition of an app."

_TYPES = {
    "Boolean": "boolean",
    "DateComponents": "date",
    "Decimal": "number",
    "Distance": "quantity",
    "File": "file",
    "Integer": "integer",
    "Placemark": "location",
    "SpeakableString": "string",
    "String": "string",
    "TimeInterval": "quantity",
    "URL": "url",
}

_Enums = Mapping[str, tuple[str, ...]]


def import_intentdefinition(path: Path, bundle_identifier: str | None = None) -> Catalogue:
    """Read every intent of an `.intentdefinition` file.

    The format does not say which parameters a call must give. Taken as required is one without a default
    that does not depend on another one and is no switch. Without a bundle identifier, that of the app around
    the file is taken.

    Raises:
        ValueError: The file defines no intents, or lies in no app and no bundle identifier is given.

    """
    bundle = bundle_identifier or bundle_identifier_of(path)
    with refusing_other_shapes(path, _EXPECTED, _REMEDY):
        definition = plistlib.loads(path.read_bytes())
        if not isinstance(definition["INIntents"], list):
            raise TypeError("`INIntents` is no array")
        enums = {enum["INEnumName"]: _enum_values(enum) for enum in definition.get("INEnums", ())}
        return Catalogue(_api(bundle, intent, enums) for intent in definition["INIntents"])


def _enum_values(enum: Mapping[str, Any]) -> tuple[str, ...]:
    """List the cases of an enum but for `unknown`, which Xcode adds for a value that is not set."""
    names = (value["INEnumValueName"] for value in enum.get("INEnumValues", ()))
    return tuple(name for name in names if name != "unknown")


def _api(bundle: str, intent: Mapping[str, Any], enums: _Enums) -> Api:
    name = intent.get("INIntentClassPrefix", "") + intent["INIntentName"].removesuffix("Intent") + "Intent"
    output = _output(intent.get("INIntentResponse", {}))
    return Api(
        identifier=f"{bundle}.{name}",
        name=intent.get("INIntentTitle", ""),
        category=intent.get("INIntentCategory", ""),
        description=" ".join(intent.get("INIntentDescription", "").split()),
        parameters=tuple(_parameter(parameter, enums) for parameter in intent.get("INIntentParameters", ())),
        input_key=intent.get("INIntentInput"),
        output_name=None if output is None else output.get("INIntentResponseParameterDisplayName", ""),
        output_types=() if output is None else (_type(output, "INIntentResponseParameter"),),
        origin="intentdefinition",
    )


def _output(response: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for parameter in response.get("INIntentResponseParameters", ()):
        if parameter.get("INIntentResponseParameterName") == response.get("INIntentResponseOutput"):
            return dict(parameter)
    return None


def _parameter(parameter: Mapping[str, Any], enums: _Enums) -> Parameter:
    kind = _type(parameter, "INIntentParameter")
    metadata = parameter.get("INIntentParameterMetadata", {})
    default = plain_value(metadata.get("INIntentParameterMetadataDefaultValue"))
    depends = "INIntentParameterRelationship" in parameter
    return Parameter(
        key=parameter["INIntentParameterName"],
        type=kind,
        required=default is None and not depends and kind != "boolean",
        default=default,
        enum=enums.get(parameter.get("INIntentParameterEnumType", ""), ()),
        description=" ".join(parameter.get("INIntentParameterDisplayName", "").split()),
    )


def _type(parameter: Mapping[str, Any], prefix: str) -> str:
    if f"{prefix}EnumType" in parameter:
        kind = "enum"
    else:
        kind = parameter.get(f"{prefix}ObjectType") or _TYPES.get(parameter.get(f"{prefix}Type", ""), "any")
    return f"array[{kind}]" if parameter.get(f"{prefix}SupportsMultipleValues") else kind
