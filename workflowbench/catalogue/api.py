"""The documentation of one API: an action of Shortcuts or of an app, with its parameters."""

import keyword
import re
from dataclasses import dataclass
from typing import Literal

Origin = Literal["builtin", "wfactions", "actionsdata", "intentdefinition", "observed"]
"""Where facts come from: the shipped catalogue, one of the three file formats, or collected workflows."""

_ILLEGAL = re.compile(r"\W", re.ASCII)


def function_name(identifier: str) -> str:
    """Turn an identifier into a legal Python name: `.` and every other illegal character become `_`."""
    name = _ILLEGAL.sub("_", identifier)
    if not name or name[0].isdigit():
        name = f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an API.

    Attributes:
        key: Key in the shortcut file; not always a legal Python name, e.g. `Show-text`.
        type: `string`, `boolean`, `integer`, `number`, `date`, `enum`, `array`, `dictionary`, `file`,
            `location`, `quantity`, `contact`, `app`, `url`, `any`, or an app's own type by its name;
            `array[...]` is a list of one of them.
        required: True if a call must give it. Never true for a parameter with a default.
        default: Value that is taken where it is absent, as plain JSON; None is no default.
        enum: Allowed values, in the order of the source; empty if any value will do.
        description: What the parameter means and when it applies; may be empty.

    """

    key: str
    type: str = "any"
    required: bool = False
    default: object = None
    enum: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Api:
    """One API: an action with its parameters, input and output.

    Attributes:
        identifier: Identifier in the shortcut file, with dots.
        name: Name shown to people.
        category: Functional category, e.g. `Dictionaries`.
        description: One line on what the action does.
        parameters: In the order of the source.
        input_key: Parameter that takes the output of the action before it when it is absent.
        input_types: Types that the input may have, by Apple's names.
        output_name: Name that Shortcuts gives the output; empty if there is an output without a name.
            None if the action has no output.
        output_types: Types that the output may have: Apple's names or, of an app, those of `Parameter.type`.
        origin: Where the facts come from.

    """

    identifier: str
    name: str = ""
    category: str = ""
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    input_key: str | None = None
    input_types: tuple[str, ...] = ()
    output_name: str | None = None
    output_types: tuple[str, ...] = ()
    origin: Origin = "builtin"

    @property
    def function(self) -> str:
        """Name of the API as a Python function."""
        return function_name(self.identifier)

    @property
    def app(self) -> str:
        """First three `_`-separated parts of the function, as the paper counts apps (section 3.3)."""
        return "_".join(self.function.split("_")[:3])

    @property
    def required_keys(self) -> tuple[str, ...]:
        """Keys of the parameters that a call must give."""
        return tuple(parameter.key for parameter in self.parameters if parameter.required)
