"""What must hold for every workflow, drawn and real ones."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workflow_strategies import workflows

from workflowbench.redaction.workflow import redact_workflow
from workflowbench.shortcuts.reading import read_shortcut
from workflowbench.shortcuts.rejection import RejectedShortcut
from workflowbench.shortcuts.transcription import transcribe

PERSONAL = [
    "ada@byron.org",
    "+442079460958",
    "?token=abcd1234",
    "AKIAQYLPMN5HHHFPZAM2",
    "81.2.69.160",
    "<EMAIL_1>",
]
FREELY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def seeded(value: Any, draw: Any) -> Any:
    """The value with personal data put into some of its texts."""
    if isinstance(value, dict):
        return {
            key: item if key in ("WFWorkflowActionIdentifier", "WFSerializationType") else seeded(item, draw)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [seeded(item, draw) for item in value]
    if isinstance(value, str) and draw(st.booleans()):
        return f"{draw(st.sampled_from(PERSONAL))} {value}"
    return value


@st.composite
def personal_workflows(draw: st.DrawFn) -> dict[str, Any]:
    return seeded(draw(workflows), draw)  # type: ignore[no-any-return]


def facts(workflow: dict[str, Any]) -> tuple[Any, ...]:
    done = transcribe(workflow)
    return done.round_trip, done.n_actions, done.n_conditionals, done.n_loops, done.apis, done.tokens


@FREELY
@given(personal_workflows())
def test_redaction_keeps_the_program(workflow: dict[str, Any]) -> None:
    try:
        before = facts(workflow)
    except RejectedShortcut:
        return
    assert facts(redact_workflow(workflow).workflow) == before


@FREELY
@given(personal_workflows())
def test_redacting_twice_changes_nothing(workflow: dict[str, Any]) -> None:
    once = redact_workflow(workflow).workflow
    twice = redact_workflow(once)
    assert twice.workflow is once
    assert twice.counts == {}


@pytest.fixture(scope="module")
def corpus(shared: Path) -> dict[str, dict[str, Any]]:
    files = sorted(file for kind in ("unsigned", "signed") for file in (shared / "corpus" / kind).iterdir())
    return {file.name: read_shortcut(file.read_bytes()).workflow for file in files}


def test_every_real_shortcut_keeps_its_program(corpus: dict[str, dict[str, Any]]) -> None:
    redacted = {name: redact_workflow(workflow) for name, workflow in corpus.items()}
    changed = [name for name, redaction in redacted.items() if redaction.counts]
    assert changed
    assert [name for name in changed if facts(redacted[name].workflow) != facts(corpus[name])] == []
    assert [name for name in changed if redact_workflow(redacted[name].workflow).counts] == []
