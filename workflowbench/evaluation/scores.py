"""Scores: what each prediction is worth, by CodeBLEU, by the static verdict and by a judge."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from workflowbench.catalogue.collection import Catalogue
from workflowbench.evaluation.answer_reading import CUT_OFF, LENGTH
from workflowbench.evaluation.codebleu.pair_scoring import ScoredPair
from workflowbench.evaluation.codebleu.pairs import Pair
from workflowbench.evaluation.codebleu.pool import Settings, score_pairs
from workflowbench.evaluation.pass_rate.tally import Tally, count_votes
from workflowbench.evaluation.unheard import refuse_unheard
from workflowbench.llm.prices import Tariff
from workflowbench.quality.program_check import Verdict, check_program
from workflowbench.quality.symbol_check import Uses
from workflowbench.tables import SCORES

STATIC = "static"
"""Judge of a row that no judge was asked about: its verdict is that of the rules alone."""
ABSENT_API_RULES = frozenset({"api_not_given", "undocumented_api"})
"""Rules by which a program calls an API that it should not know."""
Row = dict[str, Any]
_PARTS = ("ngram", "weighted_ngram", "syntax", "dataflow", "codebleu")


@dataclass(frozen=True, slots=True)
class ScoreSettings:
    """How predictions are scored.

    Attributes:
        codebleu: How CodeBLEU is computed.
        uses: Whether a program must call all of its given APIs, or any. Whether it calls enough is a matter
            of the request, so by default one will do.
        tariffs: What a model costs, by its name in `predictions`.
        workers: Processes for CodeBLEU.

    """

    codebleu: Settings = field(default_factory=Settings)
    uses: Uses = "any"
    tariffs: Mapping[str, Tariff] = field(default_factory=dict)
    workers: int | None = None


def score_predictions(
    predictions: pl.DataFrame,
    samples: pl.DataFrame,
    catalogue: Catalogue,
    settings: ScoreSettings = ScoreSettings(),
    *,
    verdicts: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Score predictions.

    Args:
        predictions: Rows of `predictions`.
        samples: Rows of `workflowbench`, at least those that were predicted.
        catalogue: The documentation of the APIs.
        settings: How they are scored.
        verdicts: Rows of `verdicts`, of one mode; without them the static verdict alone counts, and the
            rows say so.

    Returns:
        Rows of `scores`, sorted by key.

    Raises:
        ValueError: A sample is unknown, a model or the judge was not heard, or there are verdicts but none
            on a program that passes the rules.

    """
    refuse_unheard(predictions, "predictions")
    rows = _with_references(predictions, samples)
    pairs = (Pair(str(place), row["reference"], row["code"]) for place, row in enumerate(rows))
    similarities = {
        pair.pair_id: pair for pair in score_pairs(pairs, settings.codebleu, workers=settings.workers)
    }
    tallies = None if verdicts is None else count_votes(verdicts)
    scored = []
    for place, row in enumerate(rows):
        verdict = check_program(row["code"], row["given_apis"], catalogue, uses=settings.uses)
        scored.append(
            _identity(row)
            | _similarity(similarities[str(place)], settings, is_empty=not row["code"].strip())
            | _static(row, verdict)
            | _judged(row, verdict, tallies)
            | _usage(row, settings.tariffs)
        )
    return SCORES.frame(scored).sort(SCORES.key)


def is_sound(row: Mapping[str, Any], verdict: Verdict) -> bool:
    """The static verdict: the answer is usable and no rule finds an error in its program."""
    return row["rule"] is None and verdict.passed


def _with_references(predictions: pl.DataFrame, samples: pl.DataFrame) -> Sequence[Row]:
    facts = samples.select(
        "sample_id",
        "given_apis",
        "n_actions",
        "nesting_depth",
        reference="code",
        n_branches_loops=pl.col("n_conditionals") + pl.col("n_loops"),
    )
    joined = predictions.join(facts, on="sample_id", how="left")
    if joined["reference"].null_count():
        unknown = joined.filter(pl.col("reference").is_null())["sample_id"][0]
        raise ValueError(f"the sample {unknown!r} was predicted and is none of the samples")
    return joined.to_dicts()


def _identity(row: Row) -> Row:
    copied = ("model", "setting", "sample_id", "n_actions", "n_branches_loops", "nesting_depth")
    return {name: row[name] for name in copied} | {
        "answer_rule": row["rule"],
        "is_truncated": row["finish_reason"] == LENGTH or row["rule"] == CUT_OFF,
    }


def _similarity(pair: ScoredPair, settings: ScoreSettings, *, is_empty: bool) -> Row:
    parts = {part: getattr(pair.score, part) if pair.score else None for part in _PARTS}
    return parts | {
        "codebleu_mode": settings.codebleu.mode.value,
        "note": pair.note,
        "parses": pair.parses and not is_empty,
        "reference_parses": pair.reference_parses,
    }


def _static(row: Row, verdict: Verdict) -> Row:
    counts = Counter(finding.rule for finding in verdict.findings)
    error = verdict.first_error
    parses = verdict.reading.module is not None
    return {
        "static_pass": is_sound(row, verdict),
        "static_rule": row["rule"] or (error.rule if error else None),
        "calls_absent_api": bool(ABSENT_API_RULES & counts.keys()) if parses else None,
        "findings": [{"rule": rule, "n": n} for rule, n in sorted(counts.items())],
    }


def _judged(row: Row, verdict: Verdict, tallies: Mapping[tuple[str, str, str], Tally] | None) -> Row:
    static, key = is_sound(row, verdict), (row["model"], row["setting"], row["sample_id"])
    tally = tallies.get(key) if tallies is not None else None
    if tally is None:
        if static and tallies is not None:
            raise ValueError(f"there are no votes on {'/'.join(key)}; let the judge vote on it first")
        return {"judge": STATIC, "n_votes": 0, "n_votes_for": 0, "passed": static}
    return {
        "judge_pass": tally.passed,
        "judge": tally.judge,
        "n_votes": tally.n_votes,
        "n_votes_for": tally.n_for,
        "vote_entropy": tally.entropy,
        "passed": static and tally.passed is True,
    }


def _usage(row: Row, tariffs: Mapping[str, Tariff]) -> Row:
    prompt, completion = row["prompt_tokens"], row["completion_tokens"]
    tariff = tariffs.get(row["model"])
    is_known = tariff and prompt is not None and completion is not None
    cost = tariff.cost(prompt, completion) if tariff and is_known else None
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "cost": None if cost is None else float(cost),
    }
