import plistlib

import pytest

from workflowbench.shortcuts.program_errors import ProgramError
from workflowbench.shortcuts.shortcut_file import shortcut_of


def test_a_program_becomes_a_property_list() -> None:
    root = plistlib.loads(shortcut_of("is_a_b( a=-9223372036854775808, b=18446744073709551615)"))
    [action] = root["WFWorkflowActions"]
    assert action["WFWorkflowActionParameters"] == {"a": -(2**63), "b": 2**64 - 1}


@pytest.mark.parametrize(
    ("source", "line", "column", "reason"),
    [
        ("is_a_b()\nis_a_b( a=18446744073709551616)", 2, 11, "64 bits"),
        ("is_a_b( a=-9223372036854775809)", 1, 11, "64 bits"),
        ("is_a_b( a='\\ud800')", 1, 11, "surrogate"),
        ("# '''\\ud800'''", 1, 1, "half a character"),
        ("x = " + "{'a': " * 80 + "1" + "}" * 80, 1, 1, "nests deeper"),
    ],
)
def test_what_no_property_list_holds_is_refused(source: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(ProgramError, match=reason) as error:
        shortcut_of(source)
    assert (error.value.line, error.value.column) == (line, column)
