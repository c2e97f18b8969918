"""Conditions of an `if`: Apple's codes, and the two ways in which Apple stores them."""

import re
from dataclasses import dataclass, field
from typing import Any

from workflowbench.shortcuts.values import Serialized

COMPARISONS = {0: "<", 1: "<=", 2: ">", 3: ">=", 4: "==", 5: "!=", 99: "in", 999: "not in"}
"""Codes that compare with one value, and their operator in Python."""
METHODS = {8: "startswith", 9: "endswith"}
HAS_VALUE, HAS_NO_VALUE, IS_IN_NEXT, IS_IN_LAST, IS_TODAY, IS_BETWEEN = 100, 101, 1000, 1001, 1002, 1003
CONTAINS = 99

LEGACY_CODES = {
    "": CONTAINS,
    "Contains": CONTAINS,
    "Does Not Contain": 999,
    "Equals": 4,
    "Is": 4,
    "Is Not": 5,
    "Does Not Equal": 5,
    "Is Less Than": 0,
    "Is Greater Than": 2,
    "Begins With": 8,
    "Starts With": 8,
    "Ends With": 9,
    "Has Any Value": HAS_VALUE,
    "Does Not Have Any Value": HAS_NO_VALUE,
}
"""Names of conditions in files of iOS 12 and earlier."""

NUMBER_KEYS = ("WFNumberValue", "WFAnotherNumber")
OPERAND_KEYS = frozenset(
    {
        "WFConditionalActionString",
        *NUMBER_KEYS,
        "WFDate",
        "WFAnotherDate",
        "WFDuration",
        "WFAnotherDuration",
        "WFMeasurement",
        "WFAnotherMeasurement",
        "WFEnumeration",
    }
)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?")


@dataclass(slots=True)
class Condition:
    """One condition.

    Attributes:
        input: What is tested; None if the file does not say.
        code: Apple's `WFCondition` as a number; anything else is kept as it is.
        operands: Values of the keys in `OPERAND_KEYS`, left-over ones included.
    """

    input: Any
    code: Any
    operands: dict[str, Any] = field(default_factory=dict)


def number_of(text: str) -> int | float | None:
    """The number that a text spells exactly as Python prints it, or None."""
    if not _NUMBER.fullmatch(text):
        return None
    number: int | float = float(text) if "." in text else int(text)
    return number if repr(number) == text else None


def read_conditions(parameters: dict[str, Any]) -> tuple[list[Condition], bool]:
    """Take the conditions out of the parameters of an `if`'s start marker.

    Returns:
        The conditions, and whether one of them is enough.
    """
    table = parameters.get("WFConditions")
    many = _read_table(table) if isinstance(table, Serialized) else None
    if many is None or parameters.keys() & (OPERAND_KEYS | {"WFCondition", "WFInput"}):
        return [_take_condition(parameters)], False
    del parameters["WFConditions"]
    conditions, match_any = many
    return conditions, match_any and len(conditions) > 1


def _read_table(table: Serialized) -> tuple[list[Condition], bool] | None:
    value = table.value
    if table.type != "WFContentPredicateTableTemplate" or type(value) is not dict:
        return None
    if value.keys() != {"WFActionParameterFilterPrefix", "WFActionParameterFilterTemplates"}:
        return None
    templates, prefix = value["WFActionParameterFilterTemplates"], value["WFActionParameterFilterPrefix"]
    if type(templates) is not list or not templates or type(prefix) is not int or prefix not in (0, 1):
        return None
    if not all(
        type(item) is dict and item.keys() <= OPERAND_KEYS | {"WFCondition", "WFInput"} for item in templates
    ):
        return None
    return [_take_condition(dict(template)) for template in templates], prefix == 0


def _take_condition(parameters: dict[str, Any]) -> Condition:
    code = parameters.pop("WFCondition", "")
    if type(code) is str:
        code = LEGACY_CODES.get(code, code)
    tested = parameters.pop("WFInput", None)
    operands = {key: parameters.pop(key) for key in sorted(OPERAND_KEYS & parameters.keys())}
    for key in NUMBER_KEYS:
        if type(operands.get(key)) is str:
            number = number_of(operands[key])
            operands[key] = operands[key] if number is None else number
    return Condition(tested, code, operands)


def write_conditions(conditions: list[Condition], match_any: bool) -> dict[str, Any]:
    """Parameters of an `if`'s start marker that stand for the conditions, as values of `values`."""
    if len(conditions) == 1:
        return _write_condition(conditions[0])
    value = {
        "WFActionParameterFilterPrefix": 0 if match_any else 1,
        "WFActionParameterFilterTemplates": [_write_condition(condition) for condition in conditions],
    }
    return {"WFConditions": Serialized("WFContentPredicateTableTemplate", value)}


def _write_condition(condition: Condition) -> dict[str, Any]:
    written = {"WFCondition": condition.code, **condition.operands}
    if condition.input is not None:
        written["WFInput"] = condition.input
    return written
