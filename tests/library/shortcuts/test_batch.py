"""Transcribing many files: one bad file costs its own row."""

import os
import plistlib
from pathlib import Path
from typing import Any

from programs import action

from workflowbench.shortcuts import process_pool
from workflowbench.shortcuts.batch import Refused, Transcribed, transcribe_payloads


def shortcut(*actions: dict[str, Any]) -> bytes:
    return plistlib.dumps({"WFWorkflowActions": list(actions)})


class Deadly(bytes):
    """A payload that ends the process which unpacks it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    [(_, outcome)] = transcribe_payloads([tmp_path / "gone.shortcut"])
    assert isinstance(outcome, Refused)
    assert outcome.reason == "unreadable_file"


def test_a_file_that_kills_its_process_is_refused_and_the_others_are_done(monkeypatch: Any) -> None:
    monkeypatch.setattr(process_pool, "SEQUENTIAL_ITEMS", 0)
    payloads = [shortcut(action("vibrate")) for _ in range(40)]
    payloads[5] = Deadly()
    outcomes = dict(transcribe_payloads(payloads, workers=2))
    refused = {index: outcome for index, outcome in outcomes.items() if isinstance(outcome, Refused)}
    assert sorted(outcomes) == list(range(40))
    assert [(index, outcome.reason) for index, outcome in refused.items()] == [(5, "worker_died")]


def test_several_processes_give_what_one_gives(monkeypatch: Any) -> None:
    payloads = [shortcut(action("vibrate", n=number)) for number in range(40)]
    one = dict(transcribe_payloads(payloads, workers=1))
    monkeypatch.setattr(process_pool, "SEQUENTIAL_ITEMS", 0)
    assert dict(transcribe_payloads(payloads, workers=2)) == one
    assert all(isinstance(outcome, Transcribed) for outcome in one.values())
