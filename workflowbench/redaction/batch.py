"""Reads, redacts and transcribes many shortcuts, in several processes: nothing leaves a row unredacted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import polars as pl

from workflowbench.redaction.credits import attribution
from workflowbench.redaction.opt_outs import NO_OPT_OUTS, RULE, OptOuts
from workflowbench.redaction.workflow import redact_workflow
from workflowbench.shortcuts.batch import Outcome, Payload, Transcribed, encodable, read_payload
from workflowbench.shortcuts.process_pool import Refused, refusal_of, work_on_all
from workflowbench.shortcuts.transcription import transcribe
from workflowbench.tables import TRANSCRIBED_WORKFLOWS, TRANSCRIBED_WORKFLOWS_DROPPED, Table

SAID = ("title", "description", "categories", "licence")
"""Columns of `raw_shortcuts` with texts that travel on with the program."""


@dataclass(frozen=True, slots=True)
class Described:
    """A shortcut and what is said about it: texts, lists of texts and None, by name."""

    payload: Payload
    texts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redacted:
    """What became of a shortcut, with placeholders for personal data and secrets everywhere.

    Attributes:
        outcome: The transcription, or why there is none.
        texts: What is said about it.
        counts: Number of distinct values replaced, by kind.
        attribution: What its first comments say of its origin.
    """

    outcome: Outcome
    texts: Mapping[str, Any]
    counts: Mapping[str, int] = field(default_factory=dict)
    attribution: str | None = None


def redact_and_transcribe(given: Described) -> Redacted:
    """Read, redact and transcribe one shortcut; every fault becomes a `Refused`, its texts redacted too."""
    try:
        file = read_payload(given.payload)
        redaction = redact_workflow(file.workflow, given.texts)
        outcome = Transcribed(transcribe(redaction.workflow), file.signed_by, file.icloud_id)
        return Redacted(outcome, redaction.texts, redaction.counts, attribution(redaction.workflow))
    except Exception as error:
        return _redacted_refusal(refusal_of(error), given)


def _redacted_refusal(refusal: Refused, given: Described) -> Redacted:
    """A refusal with redacted texts; where redaction itself fails, without them."""
    try:
        texts = redact_workflow({}, {**given.texts, "detail": refusal.detail}).texts
    except Exception:
        return Redacted(refusal, dict.fromkeys(given.texts))
    return Redacted(replace(refusal, detail=texts.pop("detail")), texts)


def redact_and_transcribe_all(
    given: Sequence[Described], *, workers: int | None = None
) -> Iterator[tuple[int, Redacted]]:
    """Redact and transcribe shortcuts; yields index and result as they are done, in no fixed order.

    Args:
        given: The shortcuts.
        workers: Processes to use; by default one per core, and none for a few files.
    """
    for index, result in work_on_all(given, redact_and_transcribe, workers=workers):
        if isinstance(result, Refused):
            result = _redacted_refusal(result, given[index])
        yield index, result


def transcribe_rows(
    raw: pl.DataFrame,
    opt_outs: OptOuts = NO_OPT_OUTS,
    collected: pl.DataFrame | None = None,
    *,
    workers: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Redact and transcribe the rows of `raw_shortcuts`, but those whose authors opted out.

    Args:
        raw: Rows of `raw_shortcuts`; withdrawals are passed over.
        opt_outs: Ids that are listed.
        collected: Rows of `raw_shortcuts` of all scrapes: one listed version of a shortcut concerns all of
            them. By default the given rows.
        workers: Processes to use.
        progress: Called with 1 for every finished row.

    Returns:
        Rows of `transcribed_workflows` and of `transcribed_workflows_dropped`, sorted by key.
    """
    places = opt_outs.places(raw if collected is None else collected)
    offered = raw.filter(~pl.col("is_withdrawn")).sort("raw_id")
    present = offered.join(places, on=["source", "source_path"], how="anti", maintain_order="left")
    rows = present.drop("payload").to_dicts()
    given = [
        Described(payload, {name: row[name] for name in SAID})
        for row, payload in zip(rows, present["payload"], strict=True)
    ]
    listed = offered.join(present, on="raw_id", how="anti")["raw_id"]
    kept, dropped = [], [opted_out_row(raw_id, TRANSCRIBED_WORKFLOWS) for raw_id in listed]
    for index, result in redact_and_transcribe_all(given, workers=workers):
        outcome = _proven(result.outcome)
        if isinstance(outcome, Transcribed) and _is_listed(outcome, opt_outs):
            dropped.append(opted_out_row(rows[index]["raw_id"], TRANSCRIBED_WORKFLOWS))
        elif isinstance(outcome, Transcribed):
            kept.append(_row(rows[index], result, outcome))
        else:
            dropped.append(_dropped_row(rows[index], result, outcome))
        if progress is not None:
            progress(1)
    return (
        TRANSCRIBED_WORKFLOWS.frame(kept).sort(TRANSCRIBED_WORKFLOWS.key),
        TRANSCRIBED_WORKFLOWS_DROPPED.frame(dropped).sort(TRANSCRIBED_WORKFLOWS_DROPPED.key),
    )


def _proven(outcome: Outcome) -> Outcome:
    """A transcription whose proof failed is refused: the dataset holds proven programs only."""
    if isinstance(outcome, Refused) or outcome.transcription.round_trip:
        return outcome
    done = outcome.transcription
    detail = (
        f"the program compiles to {done.round_trip_id}, not {done.workflow_id}; please report this shortcut"
    )
    return Refused("round_trip_failed", detail)


def _is_listed(outcome: Transcribed, opt_outs: OptOuts) -> bool:
    return outcome.icloud_id in opt_outs.icloud or outcome.transcription.workflow_id in opt_outs.workflows


def opted_out_row(raw_id: str, table: Table) -> dict[str, object]:
    """The dropped row of a shortcut whose author opted out; it repeats nothing of the shortcut."""
    detail = "The shortcut is on the opt-out list."
    return {"row_id": raw_id, "stage": table.name, "rule": RULE, "detail": detail}


def _row(raw: Mapping[str, object], result: Redacted, outcome: Transcribed) -> dict[str, object]:
    done = outcome.transcription
    return {
        **{name: raw[name] for name in ("raw_id", "scrape")},
        **{name: result.texts[name] for name in SAID},
        "attribution": encodable(result.attribution) if result.attribution else None,
        "redactions": kind_counts(result.counts),
        "workflow_id": done.workflow_id,
        "code": encodable(done.code),
        "apis": [encodable(api) for api in done.apis],
        "n_actions": done.n_actions,
        "n_conditionals": done.n_conditionals,
        "n_loops": done.n_loops,
        "nesting_depth": done.nesting_depth,
        "tokens": [encodable(token) for token in done.tokens],
        "variables": orjson.dumps({encodable(k): encodable(v) for k, v in done.variables.items()}).decode(),
        "repairs": [encodable(repair) for repair in done.repairs],
        "signed_by": outcome.signed_by,
        "parses": True,
        "round_trip": done.round_trip,
        "round_trip_id": done.round_trip_id,
    }


def kind_counts(counts: Mapping[str, int]) -> list[dict[str, object]]:
    """Counts by kind as tables hold them, in alphabetical order."""
    return [{"kind": kind, "n_values": count} for kind, count in sorted(counts.items())]


def totals_by_kind(redactions: pl.Series) -> dict[str, int]:
    """Sum the column `redactions` by kind, in alphabetical order."""
    counts = redactions.explode().drop_nulls().struct.unnest()
    return dict(counts.group_by("kind").agg(pl.col("n_values").sum()).sort("kind").iter_rows())


def _dropped_row(raw: Mapping[str, object], result: Redacted, outcome: Refused) -> dict[str, object]:
    return {
        "row_id": raw["raw_id"],
        "title": result.texts["title"],
        "stage": TRANSCRIBED_WORKFLOWS.name,
        "rule": outcome.reason,
        "detail": outcome.detail,
        "threshold": outcome.threshold,
        "observed": outcome.observed,
    }
