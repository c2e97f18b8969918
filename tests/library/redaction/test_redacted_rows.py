"""Rows of `raw_shortcuts` become redacted rows of `transcribed_workflows`."""

import plistlib
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from programs import action

from workflowbench.redaction import batch
from workflowbench.redaction.batch import totals_by_kind, transcribe_rows
from workflowbench.shortcuts.transcription import transcribe
from workflowbench.tables import RAW_SHORTCUTS

MAILBOX = "ada@byron.org"


def shortcut(*actions: dict[str, Any]) -> bytes:
    return plistlib.dumps({"WFWorkflowActions": list(actions)})


def raw_frame(*payloads: bytes | None, **columns: Any) -> pl.DataFrame:
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
            **columns,
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


def test_title_and_program_share_their_placeholders() -> None:
    raw = raw_frame(
        shortcut(action("gettext", WFTextActionText=f"to {MAILBOX}")),
        title=f"Mail {MAILBOX}",
        description=f"Writes to bob@byron.org, then {MAILBOX}",
        categories=[f"for {MAILBOX}"],
        licence=f"ask {MAILBOX}",
    )
    [row] = transcribe_rows(raw)[0].to_dicts()
    assert (row["title"], row["categories"]) == ("Mail <EMAIL_1>", ["for <EMAIL_1>"])
    assert row["description"] == "Writes to <EMAIL_2>, then <EMAIL_1>"
    assert row["licence"] == "ask <EMAIL_1>"
    assert "<EMAIL_1>" in row["code"]
    assert row["round_trip"]


def test_counts_of_distinct_values_are_kept_and_summed() -> None:
    texts = (MAILBOX, "bob@byron.org", MAILBOX)
    payload = shortcut(*(action("gettext", WFTextActionText=text) for text in texts))
    kept, _ = transcribe_rows(raw_frame(payload, payload))
    assert kept["redactions"].to_list() == [[{"kind": "EMAIL", "n_values": 2}]] * 2
    assert totals_by_kind(kept["redactions"]) == {"EMAIL": 4}


def test_the_title_of_a_dropped_row_is_redacted() -> None:
    _, dropped = transcribe_rows(raw_frame(b"no shortcut", title=f"Mail {MAILBOX}"))
    assert dropped["title"].to_list() == ["Mail <EMAIL_1>"]


def test_an_unforeseen_error_repeats_nothing_of_the_file(monkeypatch: Any) -> None:
    def fail(workflow: dict[str, Any]) -> None:
        raise KeyError("hunter2 is the password")

    monkeypatch.setattr(batch, "transcribe", fail)
    _, dropped = transcribe_rows(raw_frame(shortcut(action("vibrate"))))
    assert dropped["rule"].to_list() == ["internal_error"]
    assert "hunter2" not in dropped["detail"][0]


def test_credits_become_an_attribution_without_names() -> None:
    comments = ("Made by Ada Byron\nBoils tea.", "Based on https://routinehub.co/shortcut/5")
    actions = (action("comment", WFCommentActionText=text) for text in comments)
    kept, _ = transcribe_rows(raw_frame(shortcut(*actions, action("vibrate"))))
    assert kept["attribution"].to_list() == ["Made by <PERSON_1>\nBased on https://routinehub.co/shortcut/5"]
    assert "Ada" not in kept["code"][0]
