"""Calls of actions in shortcut files."""

import plistlib

from programs import action, marker

from workflowbench.shortcuts.calls import calls_of

SHORTCUT = plistlib.dumps(
    {"WFWorkflowActions": [action("url", A=1), marker("repeat.count", 0), marker("repeat.count", 2)]}
)


def test_calls_are_identifiers_with_parameters_and_no_markers() -> None:
    assert list(calls_of([SHORTCUT])) == [("is.workflow.actions.url", {"A": 1})]


def test_files_that_are_no_shortcuts_have_no_calls() -> None:
    assert list(calls_of([None, b"text", b""])) == []
