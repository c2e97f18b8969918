"""The judge on predictions: those that pass the rules are put to the vote."""

import polars as pl

from workflowbench.catalogue.collection import Catalogue
from workflowbench.evaluation.pass_rate.submissions import Submission, submissions
from workflowbench.evaluation.pass_rate.voting import JudgeSettings, collect_votes
from workflowbench.evaluation.predictions import ICL
from workflowbench.llm.questions import Model
from workflowbench.quality.program_check import check_program
from workflowbench.quality.symbol_check import Uses


def judge_predictions(
    predictions: pl.DataFrame,
    samples: pl.DataFrame,
    judge: Model,
    catalogue: Catalogue,
    settings: JudgeSettings,
    *,
    uses: Uses = "any",
    gated: bool = True,
) -> pl.DataFrame:
    """Let a judge vote on the programs of predictions.

    Args:
        predictions: Rows of `predictions`.
        samples: Rows of `workflowbench`, at least those that were predicted.
        judge: The judge.
        catalogue: The documentation of the APIs.
        settings: How it is asked.
        uses: Whether a program must call all of its given APIs to pass the rules, or any.
        gated: Whether only programs that pass the rules are put to the vote. Without the gate every program
            is, as in the paper.

    Returns:
        Rows of `verdicts`, sorted by key.

    Raises:
        ValueError: A sample is unknown.

    """
    put_to_vote = predictions.filter(pl.col("rule").is_null()) if gated else predictions
    programs = [
        program
        for program in submissions(put_to_vote, samples)
        if program.code.strip() and (not gated or _is_sound(program, catalogue, uses))
    ]
    return collect_votes(programs, judge, catalogue, settings)


def favours_itself(model: str, judge: str) -> bool:
    """Whether a judge would vote on its own programs, which judges tend to prefer."""
    return model.removesuffix(ICL) == judge


def _is_sound(program: Submission, catalogue: Catalogue, uses: Uses) -> bool:
    return check_program(program.code, program.given_apis, catalogue, uses=uses).passed
