"""Calls of actions in programs."""

from programs import action, marker

from workflowbench.shortcuts.calls import calls_of
from workflowbench.shortcuts.transcription import transcribe


def test_calls_are_identifiers_with_parameters_and_no_markers() -> None:
    actions = [action("url", A=1), marker("repeat.count", 0), marker("repeat.count", 2)]
    program = transcribe({"WFWorkflowActions": actions}).code
    assert list(calls_of([program])) == [("is.workflow.actions.url", {"A": 1})]


def test_texts_with_variables_are_token_strings() -> None:
    [(_, parameters)] = calls_of(["is_workflow_actions_alert( Text=f'''Hello {ask_each_time()}''')\n"])
    assert parameters["Text"]["WFSerializationType"] == "WFTextTokenString"
