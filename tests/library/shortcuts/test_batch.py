"""Transcribing many files: one bad file costs its own row."""

import os
import plistlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from programs import action

from workflowbench.shortcuts import batch
from workflowbench.shortcuts.batch import Refused, Transcribed, transcribe_payloads, transcribe_rows
from workflowbench.shortcuts.transcription import transcribe
from workflowbench.tables import RAW_SHORTCUTS


def shortcut(*actions: dict[str, Any]) -> bytes:
    return plistlib.dumps({"WFWorkflowActions": list(actions)})


class Deadly(bytes):
    """A payload that ends the process which unpacks it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


def raw_frame(*payloads: bytes | None) -> pl.DataFrame:
    rows = [
        {
            "raw_id": str(number),
            "scrape": "s",
            "source": "folder:x",
            "source_path": f"{number}.shortcut",
            "title": "same title",
            "categories": [],
            "fetched_at": None,
            "is_withdrawn": payload is None,
            "size_bytes": len(payload or b""),
            "payload": payload,
        }
        for number, payload in enumerate(payloads)
    ]
    return RAW_SHORTCUTS.frame(rows)


def test_rows_with_the_same_title_are_kept_apart() -> None:
    kept, dropped = transcribe_rows(raw_frame(shortcut(action("vibrate")), shortcut(action("exit"))))
    assert kept["code"].to_list() == ["is_workflow_actions_vibrate()\n", "is_workflow_actions_exit()\n"]
    assert dropped.height == 0


def test_a_bad_row_is_dropped_with_its_reason() -> None:
    kept, dropped = transcribe_rows(raw_frame(b"no shortcut", shortcut(action("vibrate"))))
    assert kept["raw_id"].to_list() == ["1"]
    assert dropped.select("row_id", "rule").rows() == [("0", "not_a_shortcut")]


def test_withdrawals_are_passed_over() -> None:
    kept, dropped = transcribe_rows(raw_frame(None))
    assert (kept.height, dropped.height) == (0, 0)


def test_text_that_is_no_unicode_can_be_stored() -> None:
    kept, _ = transcribe_rows(raw_frame(shortcut(action("vibrate", x="a"))))
    assert kept["round_trip"].all()


@pytest.mark.parametrize(
    ("error", "reason"),
    [(TimeoutError(), "too_slow"), (MemoryError(), "too_large"), (KeyError("x"), "internal_error")],
)
def test_whatever_goes_wrong_costs_the_row_alone(monkeypatch: Any, error: Exception, reason: str) -> None:
    def fail(workflow: dict[str, Any]) -> None:
        raise error

    monkeypatch.setattr(batch, "transcribe", fail)
    kept, dropped = transcribe_rows(raw_frame(shortcut(action("vibrate"))))
    assert (kept.height, dropped["rule"].to_list()) == (0, [reason])


def test_a_program_whose_proof_failed_is_dropped(monkeypatch: Any) -> None:
    def damaged(workflow: dict[str, Any]) -> Any:
        return replace(transcribe(workflow), round_trip_id="0" * 32)

    monkeypatch.setattr(batch, "transcribe", damaged)
    kept, dropped = transcribe_rows(raw_frame(shortcut(action("vibrate"))))
    assert (kept.height, dropped["rule"].to_list()) == (0, ["round_trip_failed"])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    [(_, outcome)] = transcribe_payloads([tmp_path / "gone.shortcut"])
    assert isinstance(outcome, Refused)
    assert outcome.reason == "unreadable_file"


def test_a_file_that_kills_its_process_is_refused_and_the_others_are_done(monkeypatch: Any) -> None:
    monkeypatch.setattr(batch, "SEQUENTIAL_ITEMS", 0)
    payloads = [shortcut(action("vibrate")) for _ in range(40)]
    payloads[5] = Deadly()
    outcomes = dict(transcribe_payloads(payloads, workers=2))
    refused = {index: outcome for index, outcome in outcomes.items() if isinstance(outcome, Refused)}
    assert sorted(outcomes) == list(range(40))
    assert [(index, outcome.reason) for index, outcome in refused.items()] == [(5, "worker_died")]


def test_several_processes_give_what_one_gives(monkeypatch: Any) -> None:
    payloads = [shortcut(action("vibrate", n=number)) for number in range(40)]
    one = dict(transcribe_payloads(payloads, workers=1))
    monkeypatch.setattr(batch, "SEQUENTIAL_ITEMS", 0)
    assert dict(transcribe_payloads(payloads, workers=2)) == one
    assert all(isinstance(outcome, Transcribed) for outcome in one.values())
