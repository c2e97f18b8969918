"""Programs that are to be judged."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Submission:
    """A program and what was asked for.

    Attributes:
        model: Who wrote it.
        setting: Setting that the sample is a test of.
        sample_id: The sample.
        query: What a person asked for.
        given_apis: Identifiers of the APIs that were given.
        code: The program.

    """

    model: str
    setting: str
    sample_id: str
    query: str
    given_apis: tuple[str, ...]
    code: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it in every table: model, setting and sample."""
        return self.model, self.setting, self.sample_id


def submissions(predictions: pl.DataFrame, samples: pl.DataFrame) -> Iterator[Submission]:
    """The programs of predictions, sorted by key.

    Args:
        predictions: Rows of `predictions`.
        samples: Rows of `workflowbench`, at least the samples that were predicted.

    Raises:
        ValueError: A sample is unknown.

    """
    asked = {row[0]: row[1:] for row in samples.select("sample_id", "query", "given_apis").iter_rows()}
    ordered = predictions.sort("model", "setting", "sample_id")
    for model, setting, sample_id, code in ordered.select(
        "model", "setting", "sample_id", "code"
    ).iter_rows():
        if sample_id not in asked:
            raise ValueError(f"the sample {sample_id!r} was predicted and is none of the samples")
        query, given_apis = asked[sample_id]
        yield Submission(model, setting, sample_id, query, tuple(given_apis), code)
