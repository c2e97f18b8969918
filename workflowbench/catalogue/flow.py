"""How results flow between actions: which parameter takes the previous output, and who yields one.

Only the shipped catalogue is asked, so that a transcription never depends on the files of one machine.
"""

from functools import cache
from typing import NamedTuple

from workflowbench.catalogue.shipped import shipped_records


class _Flow(NamedTuple):
    input_key: str | None
    yields_output: bool
    output_name: str | None


_UNKNOWN = _Flow(None, True, None)


@cache
def _flows() -> dict[str, _Flow]:
    return {
        record["identifier"]: _Flow(
            record.get("input", {}).get("key"), "output" in record, record.get("output", {}).get("name")
        )
        for record in shipped_records()
    }


def input_key(identifier: str) -> str | None:
    """Return the parameter that takes the output of the action before it when it is absent, if any.

    Source: Apple's `Input.ParameterKey` where `Input.Required` is not false; and Repeat with Each.
    """
    return _flows().get(identifier, _UNKNOWN).input_key


def yields_output(identifier: str) -> bool:
    """Say whether an action has an output; an unknown action is taken to have one."""
    return _flows().get(identifier, _UNKNOWN).yields_output


def output_name(identifier: str) -> str | None:
    """Return the name that Shortcuts gives the output, e.g. `Contents of URL`; None if it has none."""
    return _flows().get(identifier, _UNKNOWN).output_name
