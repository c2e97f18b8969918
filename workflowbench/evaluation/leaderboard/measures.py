"""What the leaderboard measures: names, labels and meanings, for tables, plots and readers alike."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "bits", "tokens", "money"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of the leaderboard.

    Attributes:
        label: Heading, for a reader.
        unit: A share or score from 0 to 1, bits, tokens, or money.
        meaning: One sentence.

    """

    label: str
    unit: Unit
    meaning: str


MEASURES: dict[str, Measure] = {
    "codebleu": Measure(
        "CodeBLEU", "share", "The weighted sum of the mean parts, as in the tables of the paper."
    ),
    "passed": Measure("Passed", "share", "Share that passes the rules and, where there is one, the judge."),
    "ngram": Measure("BLEU", "share", "Mean BLEU-4 over tokens."),
    "weighted_ngram": Measure("Weighted BLEU", "share", "Mean BLEU-4 with keywords weighing more."),
    "syntax": Measure("Syntax", "share", "Mean share of the reference's sub-trees that the answer has."),
    "dataflow": Measure("Data flow", "share", "Mean share of the reference's data flow that it has."),
    "mean_codebleu": Measure(
        "Mean CodeBLEU", "share", "Mean over samples; an answer without data flow gains by it, see the docs."
    ),
    "static_pass": Measure("Rules passed", "share", "Share in which no rule finds an error."),
    "judge_pass": Measure("Judge passed", "share", "Share that a majority of the judge's votes passes."),
    "undecided": Measure("Undecided", "share", "Share of judged programs on which there is no majority."),
    "vote_entropy": Measure("Vote entropy", "bits", "Mean disagreement of the votes on a program."),
    "passed_and_similar": Measure(
        "Passed and similar", "share", "Share that passes and reaches the threshold of CodeBLEU."
    ),
    "parses": Measure("Parses", "share", "Share of programs that Python's own parser accepts."),
    "absent_api": Measure(
        "Absent APIs", "share", "Share of parsed programs that call an API not given or not documented."
    ),
    "truncated": Measure("Cut off", "share", "Share of answers that were cut off."),
    "prompt_tokens": Measure("Prompt tokens", "tokens", "Mean tokens of a prompt."),
    "completion_tokens": Measure("Answer tokens", "tokens", "Mean tokens of an answer."),
    "cost": Measure("Cost", "money", "Mean money for an answer, in the currency of the price table."),
}
"""Measures by name, in the order of the page."""

FINDING = "finding:"
"""Begins a measure of the error taxonomy: the share of samples in which a rule found something."""
UNUSABLE = "unusable:"
"""Begins the share of answers that are not usable by a rule."""
PARTS = ("ngram", "weighted_ngram", "syntax", "dataflow")
"""The parts of CodeBLEU, in the order of its weights."""
