"""Offline thoughts leave the meaning of any workflow alone, hostile ones included."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from workflow_strategies import workflows

from workflowbench.catalogue import builtin_catalogue
from workflowbench.shortcuts.batch import encodable
from workflowbench.shortcuts.canonical import workflow_id
from workflowbench.shortcuts.compilation import compile_program
from workflowbench.shortcuts.transcription import transcribe
from workflowbench.tables import TRANSCRIBED_WORKFLOWS
from workflowbench.thoughts.offline import annotate_offline


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(workflows)
def test_the_annotated_program_compiles_to_the_same_workflow(workflow: dict[str, Any]) -> None:
    code = encodable(transcribe(workflow).code)
    row = {"raw_id": "a", "workflow_id": "b", "scrape": "s", "title": "t", "categories": [], "code": code}
    kept, dropped = annotate_offline(
        TRANSCRIBED_WORKFLOWS.frame([row | {"variables": "{}"}]), builtin_catalogue()
    )
    assert dropped.height == 0
    annotated = compile_program(kept["code"][0])
    assert workflow_id(annotated) == workflow_id(compile_program(code))
