"""How far a judge agrees with people: a CSV file of their labels against its verdicts."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workflowbench.evaluation.intervals import Estimate, Values, bootstrap, wilson
from workflowbench.evaluation.pass_rate.tally import Key

COLUMNS = ("model", "setting", "sample_id", "human")
"""Columns that a file of labels must have; others are ignored."""

_LABELS = {"1": True, "true": True, "yes": True, "pass": True} | {
    "0": False,
    "false": False,
    "no": False,
    "fail": False,
}
_SHOWN = 10


class LabelFileError(Exception):
    """A file of labels has bad rows; the message names them all, up to ten."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A judge against people, over the programs that both have decided on.

    Attributes:
        n: Programs that both decided on.
        n_undecided: Labelled programs on which the judge has no verdict; left out.
        accuracy: Share of equal decisions.
        kappa: Cohen's kappa: agreement beyond chance, at most 1; None where one side always decides alike.
        false_pass: Share of the programs that people fail and the judge passes; None if people fail none.
        false_fail: Share of the programs that people pass and the judge fails; None if people pass none.
        pass_rate: Share that the judge passes of all programs that it has decided on, labelled or not.
        corrected_pass_rate: That share corrected for the judge's errors (Rogan and Gladen 1978); None where
            they are not known or the judge is no better than chance.

    """

    n: int
    n_undecided: int
    accuracy: Estimate
    kappa: Estimate | None
    false_pass: Estimate | None
    false_fail: Estimate | None
    pass_rate: Estimate
    corrected_pass_rate: Estimate | None


def read_labels(path: Path) -> dict[Key, bool]:
    """Read labels: one row for each program that a person has judged.

    Raises:
        LabelFileError: The file cannot be read or lacks a column, or rows have no label or repeat a program.

    """
    labels: dict[Key, bool] = {}
    faults: list[str] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if missing := sorted(set(COLUMNS) - set(reader.fieldnames or ())):
                raise LabelFileError(f"{path} lacks the column {', '.join(missing)}")
            for row in reader:
                key = (row["model"] or "", row["setting"] or "", row["sample_id"] or "")
                label = _LABELS.get((row["human"] or "").strip().casefold())
                if label is None:
                    faults.append(f"line {reader.line_num}: {row['human']!r} is none of {', '.join(_LABELS)}")
                elif key in labels:
                    faults.append(f"line {reader.line_num}: {'/'.join(key)} was labelled before")
                else:
                    labels[key] = label
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LabelFileError(f"{path} cannot be read: {error}") from None
    if faults:
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise LabelFileError(f"{path}: {'; '.join(faults[:_SHOWN])}{more}")
    return labels


def agreement(labels: Mapping[Key, bool], verdicts: Mapping[Key, bool | None]) -> Agreement:
    """Compare labels with verdicts; intervals are Wilson's for shares and bootstrapped for the rest.

    Args:
        labels: Whether a person passes a program.
        verdicts: Whether the judge does, for the labelled programs and all others whose pass rate is asked;
            None is undecided.

    Raises:
        ValueError: A labelled program was never judged, or no verdict is decided.

    """
    if unknown := sorted(labels.keys() - verdicts.keys()):
        named = ", ".join("/".join(key) for key in unknown[:_SHOWN])
        raise ValueError(f"{len(unknown)} labelled programs were never judged: {named}")
    decided = {key: verdict for key in labels if (verdict := verdicts[key]) is not None}
    if not decided:
        raise ValueError("the judge has decided on none of the labelled programs")
    pairs = np.array([(labels[key], verdict) for key, verdict in sorted(decided.items())], dtype=np.float64)
    human, judge = pairs.T
    judged = np.array([verdict for verdict in verdicts.values() if verdict is not None], dtype=np.float64)
    accuracy, pass_rate = (wilson(int(hits.sum()), len(hits)) for hits in (human == judge, judged))
    assert accuracy is not None
    assert pass_rate is not None
    return Agreement(
        len(decided),
        len(labels) - len(decided),
        accuracy,
        bootstrap(_kappa, pairs),
        wilson(int(judge[human == 0].sum()), int((human == 0).sum())),
        wilson(int((1 - judge[human == 1]).sum()), int((human == 1).sum())),
        pass_rate,
        bootstrap(_corrected, pairs, judged),
    )


def rogan_gladen(pass_rate: float, false_pass: float, false_fail: float) -> float | None:
    """A judge's pass rate corrected for its error rates, from 0 to 1.

    None if the judge passes bad programs no less often than good ones.
    """
    skill = 1 - false_pass - false_fail
    return min(1.0, max(0.0, (pass_rate - false_pass) / skill)) if skill > 0 else None


def _kappa(pairs: Values) -> float:
    human, judge = pairs.T
    observed = float((human == judge).mean())
    expected = float(human.mean() * judge.mean() + (1 - human.mean()) * (1 - judge.mean()))
    return (observed - expected) / (1 - expected) if expected < 1 else float("nan")


def _corrected(pairs: Values, judged: Values) -> float:
    human, judge = pairs.T
    if not 0 < human.mean() < 1:
        return float("nan")
    errors = float(judge[human == 0].mean()), float(1 - judge[human == 1].mean())
    corrected = rogan_gladen(float(judged.mean()), *errors)
    return float("nan") if corrected is None else corrected
