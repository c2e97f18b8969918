"""Importing Apple's `WFActions.plist`, the definition file of the built-in actions of Shortcuts."""

import plistlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from workflowbench.catalogue.api import Api, Parameter
from workflowbench.catalogue.collection import Catalogue
from workflowbench.catalogue.file_shape import refusing_other_shapes
from workflowbench.catalogue.values import plain_value

_EXPECTED = "WFActions.plist: expected a property list of actions, each with an `ActionClass`"
_REMEDY = "Give the file of WorkflowKit.framework of your own Mac."

_TYPES = {
    "WFAppPickerParameter": "app",
    "WFArchiveFormatParameter": "string",
    "WFChooseFromMenuArrayParameter": "array",
    "WFConditionalOperatorParameter": "integer",
    "WFContactFieldParameter": "contact",
    "WFContactHandleFieldParameter": "contact",
    "WFContentArrayParameter": "array",
    "WFCurrencyQuantityFieldParameter": "quantity",
    "WFCustomDateFormatParameter": "string",
    "WFDateFieldParameter": "date",
    "WFDatePickerParameter": "date",
    "WFDictionaryParameter": "dictionary",
    "WFDurationQuantityFieldParameter": "quantity",
    "WFDynamicEnumerationParameter": "string",
    "WFDynamicTagFieldParameter": "array",
    "WFEmailAddressFieldParameter": "contact",
    "WFEnumerationParameter": "enum",
    "WFEvernoteTagsTagFieldParameter": "array",
    "WFExpandingParameter": "boolean",
    "WFFilePickerParameter": "file",
    "WFFileLabelColorPickerParameter": "integer",
    "WFHealthActionEndDateFieldParameter": "date",
    "WFHealthActionStartDateFieldParameter": "date",
    "WFHealthQuantityAdditionalFieldParameter": "quantity",
    "WFHealthQuantityFieldParameter": "quantity",
    "WFIntentAppPickerParameter": "app",
    "WFLocationParameter": "location",
    "WFNumberFieldParameter": "number",
    "WFOSAScriptEditorParameter": "string",
    "WFPhoneNumberFieldParameter": "contact",
    "WFSearchLocalBusinessesRadiusParameter": "quantity",
    "WFSliderParameter": "number",
    "WFStepperParameter": "integer",
    "WFSwitchParameter": "boolean",
    "WFTagFieldParameter": "array",
    "WFTextInputParameter": "string",
    "WFUnitQuantityFieldParameter": "quantity",
    "WFURLParameter": "url",
    "WFVariableFieldParameter": "string",
    "WFWorkoutGoalQuantityFieldParameter": "quantity",
}
"""Type of a parameter by Apple's class; a class that picks from a device or an account is `any`."""

_OFF_UNTIL_SET = frozenset(
    {"WFSwitchParameter", "WFExpandingParameter", "WFIntentAppPickerParameter", "WFMediaRoutePickerParameter"}
)
"""Classes with a value of their own: a switch is off, an app or a playback device is the system's."""


_OUTPUT_MADE_IN_CODE = tuple(
    f"is.workflow.actions.{action}" for action in ("conditional", "filter.", "properties.", "setters.")
)
"""Actions whose output Apple's code defines: If, and those that find, describe and edit items."""


def import_wfactions(path: Path) -> Catalogue:
    """Read every action of Apple's `WFActions.plist`, discontinued ones included, with Apple's own texts.

    Raises:
        ValueError: The file is no property list of actions.

    """
    with refusing_other_shapes(path, _EXPECTED, _REMEDY):
        definitions = plistlib.loads(path.read_bytes())
        if not definitions:
            raise ValueError("no action")
        return Catalogue(_api(identifier, action) for identifier, action in definitions.items())


def _api(identifier: str, action: Mapping[str, Any]) -> Api:
    if "ActionClass" not in action:
        raise ValueError(f"{identifier} is no action")
    taken = action.get("Input", {})
    output = action.get("Output", {} if identifier.startswith(_OUTPUT_MADE_IN_CODE) else None)
    return Api(
        identifier=identifier,
        name=action.get("Name", ""),
        category=action.get("Subcategory") or action.get("Category") or "",
        description=_one_line(action.get("Description", {}).get("DescriptionSummary", "")),
        parameters=tuple(_parameters(action)),
        input_key=taken.get("ParameterKey") if taken.get("Required", True) else None,
        input_types=tuple(taken.get("Types", ())),
        output_name=None if output is None else output.get("OutputName", ""),
        output_types=() if output is None else tuple(output.get("Types", ())),
        origin="wfactions",
    )


def _parameters(action: Mapping[str, Any]) -> Iterator[Parameter]:
    taken = action.get("Input", {})
    optional_input = taken.get("ParameterKey") if not taken.get("Required", True) else None
    for definition in action.get("Parameters", ()):
        yield _parameter(definition, is_optional_input=definition["Key"] == optional_input)
    declared = {definition["Key"] for definition in action.get("Parameters", ())}
    for name, override in action.get("ParameterOverrides", {}).items():
        key = override.get("Key", name)
        if key not in declared:
            values = tuple(override.get("IntentEnumOverrides", {}).values())
            yield Parameter(key, "enum" if values else "any", enum=values)


def _parameter(definition: Mapping[str, Any], *, is_optional_input: bool) -> Parameter:
    default = plain_value(definition.get("DefaultValue", definition.get("Default")))
    optional = (
        default is not None
        or is_optional_input
        or "RequiredResources" in definition
        or definition.get("Hidden", False)
        or definition.get("DefaultToCurrentLocation", False)
        or definition["Class"] in _OFF_UNTIL_SET
    )
    text = _one_line(definition.get("Description") or definition.get("Label") or "")
    return Parameter(
        key=definition["Key"],
        type=_TYPES.get(definition["Class"], "any"),
        required=not optional,
        default=default,
        enum=tuple(str(value) for value in definition.get("Items", ())),
        description=" ".join(filter(None, (_sentence(text), _applies_when(definition)))),
    )


def _applies_when(definition: Mapping[str, Any]) -> str:
    """Say when a parameter applies, e.g. `Applies when WFHTTPMethod is not GET.`; empty if always."""
    conditions = " and ".join(_conditions(definition.get("RequiredResources", ())))
    return f"Applies when {conditions}." if conditions else ""


def _conditions(resources: Iterable[Any]) -> Iterator[str]:
    for resource in resources:
        if isinstance(resource, list):
            yield from _conditions(resource)
        elif "WFParameterKey" in resource:
            values = resource.get("WFParameterValues", [resource.get("WFParameterValue")])
            yield f"{resource['WFParameterKey']} {_relation(resource, values)}"


def _relation(resource: Mapping[str, Any], values: list[Any]) -> str:
    listed = " or ".join(
        "on" if value is True else "off" if value is False else str(value) for value in values
    )
    relations = {"=": f"is {listed}", "!=": f"is not {listed}", "??": "is given", "nil": "is absent"}
    return relations[resource.get("WFParameterRelation", "=")]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _sentence(text: str) -> str:
    return text if not text or text[-1] in ".!?…" else f"{text}."
