"""What must hold for any workflow, hostile ones included."""

import ast
from typing import Any

from hypothesis import HealthCheck, given, settings
from programs import undefined_names
from workflow_strategies import workflows

from workflowbench.shortcuts.compilation import compile_program
from workflowbench.shortcuts.property_list import write_workflow
from workflowbench.shortcuts.transcription import read_tree, transcribe
from workflowbench.shortcuts.tree import BLOCK_KINDS, Action, walk

many = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(workflows)
def test_any_workflow_round_trips_through_python(workflow: dict[str, Any]) -> None:
    assert transcribe(workflow).round_trip


@many
@given(workflows)
def test_no_action_is_lost(workflow: dict[str, Any]) -> None:
    given_actions = [action["WFWorkflowActionIdentifier"] for action in workflow["WFWorkflowActions"]]
    nodes = [node for node, _ in walk(read_tree(workflow).body)]
    kept = [node.identifier for node in nodes if isinstance(node, Action)]
    assert kept == [identifier for identifier in given_actions if identifier not in BLOCK_KINDS]


@many
@given(workflows)
def test_any_program_parses_and_holds_no_object_replacement_character(workflow: dict[str, Any]) -> None:
    code = transcribe(workflow).code
    ast.parse(code)
    assert "\ufffc" not in code


@many
@given(workflows)
def test_any_program_defines_every_name_before_it_uses_it(workflow: dict[str, Any]) -> None:
    assert undefined_names(transcribe(workflow).code) == set()


@many
@given(workflows)
def test_any_program_compiles_to_a_shortcut_of_the_same_workflow(workflow: dict[str, Any]) -> None:
    first = transcribe(workflow)
    again = transcribe(write_workflow(compile_program(first.code)))
    assert again.workflow_id == first.workflow_id
