"""Python names for the results and variables of a workflow.

Names come from the shortcut itself: the author's label of a result, the label that a reference carries,
the catalogue's name of the output, or the action's identifier. They are legal, unique, never a keyword,
builtin or word of the style, and stable under Python's own NFKC normalisation of identifiers.
"""

import builtins
import keyword
import re
import unicodedata

HELPERS = frozenset(
    [
        "action",
        "action_input",
        "aggrandized",
        "array",
        "ask_each_time",
        "choose_from_menu",
        "coerce_variable",
        "compare",
        "condition",
        "datetime",
        "dict",
        "field",
        "file",
        "float",
        "format_date",
        "get_future_time",
        "get_property",
        "get_recent_time",
        "input",
        "is_today",
        "legacy_comparison",
        "named_variable",
        "number",
        "output_uuid",
        "pending_output",
        "plist_uid",
        "quantity",
        "serialized",
        "shortcut_input",
        "str",
        "unit_variable_transform",
    ]
)
"""Words of the style that are called like functions."""

INPUTS = {"ExtensionInput": "Shortcut_Input", "Input": "Action_Input"}
"""Names of the inputs that a program declares, by Apple's attachment type."""
INPUT_HELPERS = {"ExtensionInput": "shortcut_input", "Input": "action_input"}
"""Helper that declares each of them."""
MENU_CHOICE = "Menu_Choice"
_RESERVED = (
    HELPERS
    | frozenset(dir(builtins))
    | frozenset(keyword.kwlist)
    | frozenset(keyword.softkwlist)
    | frozenset(INPUTS.values())
    | {MENU_CHOICE, "enumerate", "range"}
)
_LOOP_NAME = re.compile(r"Repeat_(?:Item|Index)(?:_[1-9]\d*)?")
_LOOP_VARIABLE = re.compile(r"Repeat (?:Item|Index)(?: (?:[2-9]|[1-9]\d+))?")
_NO_WORD = re.compile(r"\W+")
_LONGEST = 48


def is_plain(name: str) -> bool:
    """True if a variable's name can stand in a program as it is."""
    return (
        name.isidentifier()
        and (name.isascii() or unicodedata.normalize("NFKC", name) == name)
        and name not in _RESERVED
        and not name.startswith(("is_workflow_", "__"))
        and not _LOOP_NAME.fullmatch(name)
    )


def is_loop_variable(name: str) -> bool:
    """True for Apple's own loop variables: `Repeat Item`, `Repeat Index 2`, ..."""
    return _LOOP_VARIABLE.fullmatch(name) is not None


def loop_variable_of(name: str) -> str | None:
    """Apple's loop variable that a Python name stands for, or None."""
    return name.replace("_", " ") if _LOOP_NAME.fullmatch(name) else None


def legal_name(text: str) -> str:
    """The nearest legal Python name to a text; empty if no letter or digit is left."""
    text = unicodedata.normalize("NFKC", text)
    name = _NO_WORD.sub("_", text).strip("_")[:_LONGEST].rstrip("_")
    if not name.isascii():
        name = "".join(char for char in name if ("a" + char).isidentifier())
        name = unicodedata.normalize("NFKC", name)
    if name and not name[0].isidentifier():
        name = "_" + name
    return name if name.isidentifier() else ""


class Names:
    """Hands out the names of one program; the same key always gets the same name.

    Args:
        functions: Function names that the program calls, which no variable may shadow.
        variables: The workflow's variables in order; those whose names can stand as they are keep them.
    """

    def __init__(self, functions: set[str], variables: list[str]) -> None:
        self._taken = set(functions)
        self._names: dict[tuple[str, str], str] = {}
        self._numbers: dict[str, int] = {}
        for variable in variables:
            if is_plain(variable) and variable not in self._taken:
                self._give("variable", variable, variable)

    def variable(self, variable: str) -> str:
        """Python name of a named variable."""
        known = self._names.get(("variable", variable))
        if known is not None:
            return known
        if is_loop_variable(variable):
            name = variable.replace(" ", "_")
            self._names["variable", variable] = name
            return name
        return self._give("variable", variable, self._unique(legal_name(variable) or "Variable"))

    def output(self, uuid: str, *suggestions: str | None) -> str:
        """Python name of a result; the first suggestion that gives a legal name wins."""
        known = self._names.get(("output", uuid))
        if known is not None:
            return known
        base = next((name for text in suggestions if text and (name := legal_name(text))), "Result")
        return self._give("output", uuid, self._unique(base))

    def function(self, identifier: str) -> str:
        """Python name of an action whose identifier needs a declaration."""
        known = self._names.get(("function", identifier))
        return known or self._give("function", identifier, self._unique(legal_name(identifier) or "action_"))

    def table(self) -> dict[str, str]:
        """Python name to output UUID, variable name or action identifier, in order of first use."""
        return {name: key for (_, key), name in self._names.items()}

    def _give(self, kind: str, key: str, name: str) -> str:
        self._names[kind, key] = name
        self._taken.add(name)
        return name

    def _unique(self, base: str) -> str:
        if base not in self._taken and is_plain(base):
            return base
        stem = base if is_plain(f"{base}_2") else f"{base}_value"
        number = self._numbers.get(stem, 2)
        while f"{stem}_{number}" in self._taken:
            number += 1
        self._numbers[stem] = number + 1
        return f"{stem}_{number}"
