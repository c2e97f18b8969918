"""From votes to a verdict: the majority, how far the votes agree, and what stays undecided."""

import math
from collections import defaultdict
from dataclasses import dataclass

import polars as pl

from workflowbench.evaluation.unheard import refuse_unheard

Key = tuple[str, str, str]
"""Model, setting and sample."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes on one program.

    Attributes:
        n_asked: Votes that were asked for.
        n_votes: Votes that came in.
        n_for: Votes that found that the program does what was asked.
        judge: Model and revision of the judge.

    """

    n_asked: int
    n_votes: int
    n_for: int
    judge: str

    @property
    def passed(self) -> bool | None:
        """The majority of the votes that were asked for; None if neither side has it."""
        if 2 * self.n_for > self.n_asked:
            return True
        return False if 2 * (self.n_votes - self.n_for) > self.n_asked else None

    @property
    def entropy(self) -> float | None:
        """Entropy of the votes in bits: 0 if all agree, 1 at a tie; None without votes."""
        if not self.n_votes:
            return None
        shares = (self.n_for / self.n_votes, 1 - self.n_for / self.n_votes)
        return sum(-share * math.log2(share) for share in shares if share)


def count_votes(verdicts: pl.DataFrame) -> dict[Key, Tally]:
    """Count the votes on each program.

    A vote by requirements is for a program if all of them are met, and did not come in if one is missing.

    Args:
        verdicts: Rows of `verdicts`, of one mode.

    Raises:
        ValueError: There are votes of several modes, or the judge was not heard on some.

    """
    refuse_unheard(verdicts, "votes")
    if verdicts["mode"].n_unique() > 1:
        raise ValueError("votes of several modes cannot be counted together; filter them by `mode`")
    votes: dict[Key, dict[int, list[bool | None]]] = defaultdict(lambda: defaultdict(list))
    judges: dict[Key, str] = {}
    columns = ("model", "setting", "sample_id", "vote", "verdict", "judge")
    for model, setting, sample_id, vote, verdict, judge in verdicts.select(columns).iter_rows():
        votes[model, setting, sample_id][vote].append(verdict)
        judges[model, setting, sample_id] = judge
    return {key: _tally(list(of_program.values()), judges[key]) for key, of_program in votes.items()}


def _tally(votes: list[list[bool | None]], judge: str) -> Tally:
    cast = [all(parts) for parts in votes if None not in parts]
    return Tally(len(votes), len(cast), sum(cast), judge)
