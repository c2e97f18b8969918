"""What is wrong with the splits: leaks into training, and test samples of the wrong APIs.

This is told from the finished tables alone, walking from the training samples up to their ancestors; the
splits are made the other way round, from what may not be seen down to what came of it.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from workflowbench.bench.api_pools import apis_in
from workflowbench.bench.derivation import Derivation
from workflowbench.bench.seed_splits import SETTINGS, SPLIT_NAMES, uses_of

MOST_EXAMPLES = 20
"""Counter-examples that a fault lists."""

RULES = {
    "no_split": "Every sample has a split in both settings.",
    "divided_family": "No family of near duplicates is in two splits.",
    "test_ancestor": "No training or dev sample is derived from a test sample or one of its family.",
    "dev_ancestor": "No training sample is derived from a dev sample or one of its family.",
    "held_out_api": "No training or dev sample of `ood` uses or was given a held-out API.",
    "held_out_ancestor": "No training or dev sample of `ood` is derived from a row that uses a held-out API.",
    "unknown_api": "Every API of a dev or test sample of `id` is used in training.",
    "not_of_held_out_apis": "Every test sample of `ood` uses held-out APIs and otherwise common ones.",
}
"""Rules that splits keep."""


@dataclass(frozen=True, slots=True)
class SplitFault:
    """A rule that the splits of a setting break.

    Attributes:
        rule: Name of the rule, see `RULES`.
        setting: Setting in which it is broken.
        count: Number of samples that break it.
        examples: The first of them, each with what is wrong with it: the ancestor or family.
    """

    rule: str
    setting: str
    count: int
    examples: Sequence[str]


def split_faults(derivation: Derivation, splits: pl.DataFrame, pools: pl.DataFrame) -> Iterator[SplitFault]:
    """Yield every rule that the splits break.

    Args:
        derivation: The samples and what they were derived from.
        splits: Rows of `splits`.
        pools: Rows of `api_pools`.
    """
    for setting in SETTINGS:
        drawn = splits.filter(setting=setting).select("sample_id", "split")
        rows = derivation.samples.join(drawn, on="sample_id", how="left", maintain_order="left")
        yield from _faults(setting, rows.sort("sample_id"), derivation, pools)


def _faults(
    setting: str, rows: pl.DataFrame, derivation: Derivation, pools: pl.DataFrame
) -> Iterator[SplitFault]:
    report = _Report(setting, derivation)
    ids = {name: rows.filter(split=name)["sample_id"].to_list() for name in SPLIT_NAMES}
    families = {name: rows.filter(split=name)["family"].unique().to_list() for name in SPLIT_NAMES}
    learnt = [*ids["train"], *ids["dev"]]
    yield from report.samples("no_split", rows.filter(pl.col("split").is_null()))
    yield from report.samples("divided_family", _divided(rows), "family")
    yield from report.derived("test_ancestor", learnt, derivation.nodes_of_families(families["test"]))
    yield from report.derived("dev_ancestor", ids["train"], derivation.nodes_of_families(families["dev"]))
    if setting == "id":
        yield from report.samples("unknown_api", _of_unknown_apis(rows))
    else:
        held_out = derivation.nodes_using(apis_in(pools, "held_out"))
        used = rows.with_columns(uses_of(pl.concat_list("apis", "given_apis").list.unique(), pools))
        is_learnt = pl.col("split").is_in(["train", "dev"])
        yield from report.samples("held_out_api", used.filter(is_learnt & (pl.col("use") != "free")))
        yield from report.derived("held_out_ancestor", learnt, held_out)
        is_wrong_test = (pl.col("split") == "test") & (pl.col("use") != "test")
        yield from report.samples("not_of_held_out_apis", used.filter(is_wrong_test))


def _divided(rows: pl.DataFrame) -> pl.DataFrame:
    placed = rows.filter(pl.col("split").is_in(SPLIT_NAMES))
    return placed.filter(pl.col("split").n_unique().over("family") > 1)


def _of_unknown_apis(rows: pl.DataFrame) -> pl.DataFrame:
    known = rows.filter(split="train")["apis"].explode().drop_nulls().unique().to_list()
    is_known = pl.col("apis").list.eval(pl.element().is_in(known)).list.all()
    return rows.filter(pl.col("split").is_in(["dev", "test"]) & ~is_known)


class _Report:
    """Makes the faults of one setting."""

    def __init__(self, setting: str, derivation: Derivation) -> None:
        self._setting = setting
        self._derivation = derivation

    def samples(self, rule: str, rows: pl.DataFrame, cause: str | None = None) -> Iterator[SplitFault]:
        """Report samples that break a rule, each with the column that says why."""
        causes = dict(rows.select("sample_id", cause).iter_rows()) if cause else {}
        yield from self._fault(rule, rows["sample_id"].to_list(), causes.get)

    def derived(self, rule: str, sample_ids: Collection[str], nodes: Collection[str]) -> Iterator[SplitFault]:
        """Report those samples that are derived from one of some nodes, each with one such ancestor."""
        origins = self._derivation.origins_among(sample_ids, nodes)
        broken = sorted(self._derivation.derived_from(origins) & set(sample_ids)) if origins else []
        yield from self._fault(rule, broken, lambda key: min(self._derivation.origins_among([key], origins)))

    def _fault(
        self, rule: str, broken: Sequence[str], cause: Callable[[str], str | None]
    ) -> Iterator[SplitFault]:
        if broken:
            causes = ((key, cause(key)) for key in broken[:MOST_EXAMPLES])
            examples = [f"{key} <- {why}" if why else key for key, why in causes]
            yield SplitFault(rule, self._setting, len(broken), examples)
