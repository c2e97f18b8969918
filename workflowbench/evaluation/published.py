"""Figures printed in the WorkflowLLM paper (arXiv 2411.05451v1): Tables 2 to 4, in percent.

The figures of Table 1 and Figure 4 are in `bench.published`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from workflowbench.evaluation.codebleu.scoring import PAPER_WEIGHTS


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A row of Table 2 or 4, in one setting.

    Attributes:
        model: Model, as printed; `+ ICL` is one in-context example.
        setting: `id` or `ood`.
        ngram: BLEU.
        weighted_ngram: BLEU with keywords weighing more.
        syntax: Match of syntax trees.
        dataflow: Match of data flow.
        codebleu: The printed Overall.
        passed: The printed Pass Rate; None where the table has none.

    """

    model: str
    setting: str
    ngram: float
    weighted_ngram: float
    syntax: float
    dataflow: float
    codebleu: float
    passed: float | None = None

    @property
    def recomputed(self) -> float:
        """Overall from the printed parts and the weights that the paper states."""
        parts = (self.ngram, self.weighted_ngram, self.syntax, self.dataflow)
        return sum(weight * part for weight, part in zip(PAPER_WEIGHTS, parts, strict=True))

    @property
    def adds_up(self) -> bool:
        """Whether the printed Overall is what its parts give, within what rounding can do."""
        return abs(self.recomputed - self.codebleu) <= _ROUNDING


_ROUNDING = 0.1
"""Each part is rounded to 0.1, which moves their weighted sum by up to 0.05, and Overall by 0.05 more."""


_Figures = tuple[float, float, float, float, float, float]


def _both(
    model: str, unseen_instructions: _Figures, unseen_apis: _Figures
) -> tuple[PublishedRow, PublishedRow]:
    return PublishedRow(model, "id", *unseen_instructions), PublishedRow(model, "ood", *unseen_apis)


TABLE_2: tuple[PublishedRow, ...] = (
    *_both("GPT-4o-mini", (0.4, 1.5, 29.5, 37.0, 26.8, 54.8), (0.4, 1.6, 29.5, 36.3, 26.5, 47.5)),
    *_both("GPT-4o-mini + ICL", (0.5, 1.7, 35.3, 35.1, 28.3, 66.0), (0.5, 1.8, 34.4, 34.2, 27.7, 57.7)),
    *_both("GPT-4o", (0.5, 1.8, 33.5, 37.3, 28.5, 56.6), (0.4, 1.7, 31.8, 36.9, 27.7, 47.5)),
    *_both("GPT-4o + ICL", (0.5, 1.8, 37.1, 38.0, 30.2, 67.5), (0.5, 1.8, 35.3, 36.6, 30.0, 57.6)),
    *_both("Qwen2-7B", (0.4, 1.2, 27.2, 33.2, 24.4, 25.6), (0.4, 1.3, 27.7, 33.1, 24.5, 22.6)),
    *_both("Qwen2-7B + ICL", (0.5, 1.2, 30.2, 32.4, 25.2, 28.2), (0.5, 1.3, 29.8, 32.9, 25.3, 26.4)),
    *_both("Llama-3.1-8B", (0.6, 1.2, 31.0, 30.0, 24.6, 33.0), (0.7, 1.4, 29.6, 30.8, 24.3, 24.5)),
    *_both("Llama-3.1-8B + ICL", (0.7, 1.3, 34.0, 32.6, 25.3, 40.2), (0.7, 1.4, 32.4, 32.4, 25.2, 32.7)),
    *_both("Llama-3.1-70B", (0.4, 1.4, 29.9, 37.8, 27.3, 55.4), (0.4, 1.5, 30.0, 37.6, 27.2, 42.3)),
    *_both("Llama-3.1-70B + ICL", (0.4, 1.6, 34.1, 39.1, 29.5, 67.6), (0.4, 1.5, 32.9, 38.4, 28.7, 61.4)),
    *_both("WorkflowLlama", (9.4, 11.09, 55.1, 38.0, 39.3, 76.9), (7.0, 8.3, 48.8, 35.3, 35.1, 70.4)),
)
"""Table 2: CodeBLEU and Pass Rate of eleven models."""

T_EVAL_F1: Mapping[str, float] = {
    "Claude2": 84.9,
    "GPT-3.5": 86.6,
    "GPT-4": 86.7,
    "Qwen-7B": 63.1,
    "Mistral-7B": 64.9,
    "Llama-3.1-8B": 68.2,
    "Qwen-14B": 69.7,
    "Llama-2-13B": 65.1,
    "Vicuna-13B": 54.0,
    "Baichuan2-13B": 52.1,
    "WizardLM-70B": 42.7,
    "Llama-2-70B": 63.1,
    "Qwen-72B": 73.4,
    "WorkflowLlama": 77.5,
}
"""Table 3: F1 on the PLAN split of T-Eval; all shared with it equal its JSON column."""

TABLE_4: tuple[PublishedRow, ...] = (
    PublishedRow("WorkflowLlama", "id", 9.4, 11.1, 55.1, 38.0, 39.3),
    PublishedRow("without plan", "id", 9.1, 10.7, 53.9, 36.6, 38.2),
    PublishedRow("without comment", "id", 9.1, 10.8, 54.9, 35.3, 38.1),
    PublishedRow("without plan and comment", "id", 8.8, 10.2, 53.7, 35.1, 37.4),
    PublishedRow("without synthetic data", "id", 7.8, 9.4, 53.5, 35.4, 37.3),
)
"""Table 4: ablations of WorkflowLlama, in the setting of unseen instructions."""
