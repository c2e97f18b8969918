"""Sentences for actions that only pass a value on, or whose setting says what they do."""

import ast
from collections.abc import Mapping

from workflowbench.thoughts.phrases import phrase, plain_text

_PASSED_ON = {
    "is_workflow_actions_getvariable": ("WFVariable", "Takes the value of {}"),
    "is_workflow_actions_number": ("WFNumberActionNumber", "Takes the number {}"),
    "is_workflow_actions_url": ("WFURLActionURL", "Takes the web address {}"),
}
"""Function name to the key of the value and what is said of it."""
_SCIENTIFIC = "…"
_SCIENTIFIC_SENTENCES = {
    "Modulus": "Calculates the remainder of {input} divided by {operand}",
    "x^y": "Raises {input} to the power of {operand}",
    "x^2": "Squares {input}",
    "x^3": "Cubes {input}",
}
PLUMBING = frozenset(
    {
        *_PASSED_ON,
        "com_jiejinghe_luke_ShortcutUpdateCheckIntent",
        "is_workflow_actions_appendvariable",
        "is_workflow_actions_comment",
        "is_workflow_actions_count",
        "is_workflow_actions_delay",
        "is_workflow_actions_detect_dictionary",
        "is_workflow_actions_detect_link",
        "is_workflow_actions_detect_number",
        "is_workflow_actions_detect_text",
        "is_workflow_actions_exit",
        "is_workflow_actions_getitemfromlist",
        "is_workflow_actions_getitemname",
        "is_workflow_actions_list",
        "is_workflow_actions_math",
        "is_workflow_actions_nothing",
        "is_workflow_actions_setitemname",
        "is_workflow_actions_setvalueforkey",
        "is_workflow_actions_text_combine",
        "is_workflow_actions_text_split",
        "is_workflow_actions_urlencode",
        "is_workflow_actions_waittoreturn",
    }
)
"""Functions of actions that serve the others: they carry values on, wait, end or look for an update."""


def action_sentence(function: str, arguments: Mapping[str, ast.expr]) -> str | None:
    """Say what an action does with its values; None if the catalogue's description says it better.

    Args:
        function: Function name of the action.
        arguments: Its arguments by key.

    """
    if function in _PASSED_ON:
        key, sentence = _PASSED_ON[function]
        value = arguments.get(key)
        return sentence.format(phrase(value)) if value and not isinstance(value, ast.List) else None
    if function == "is_workflow_actions_math" and "WFInput" in arguments:
        return _calculation(arguments)
    return None


def _calculation(arguments: Mapping[str, ast.expr]) -> str | None:
    """Say a calculation, e.g. `Calculates price - 2`; a sum is what Shortcuts takes by default."""
    operation = plain_text(arguments["WFMathOperation"]) if "WFMathOperation" in arguments else "+"
    value = phrase(arguments["WFInput"])
    if operation == _SCIENTIFIC:
        sentence = _SCIENTIFIC_SENTENCES.get(_text(arguments, "WFScientificMathOperation"))
        return sentence and sentence.format(input=value, operand=_text(arguments, "WFScientificMathOperand"))
    operand = arguments.get("WFMathOperand")
    return f"Calculates {value} {operation} {phrase(operand)}" if operand else None


def _text(arguments: Mapping[str, ast.expr], key: str) -> str:
    return plain_text(arguments[key]) if key in arguments else "another number"
