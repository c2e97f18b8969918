"""Which collected workflows may be shown to writers of synthetic ones, and which queries none may repeat."""

import polars as pl


def shown_seeds(seeds: pl.DataFrame, seed_splits: pl.DataFrame) -> pl.DataFrame:
    """Return the seeds that are for training in every setting.

    What is written in their sight is derived from no test or dev workflow and from no held-out API, so that
    it can be trained on in either setting.

    Args:
        seeds: Rows of `seed_workflows`.
        seed_splits: Rows of `seed_splits`.

    """
    elsewhere = seed_splits.filter(pl.col("split") != "train")
    placed = seeds.join(seed_splits, on="workflow_id", how="semi", maintain_order="left")
    return placed.join(elsewhere, on="workflow_id", how="anti", maintain_order="left")


def tested_queries(seeds: pl.DataFrame, seed_splits: pl.DataFrame) -> dict[str, str]:
    """Return the queries of the seeds that are test or dev in some setting, by workflow id.

    Args:
        seeds: Rows of `seed_workflows`.
        seed_splits: Rows of `seed_splits`.

    """
    tested = seed_splits.filter(pl.col("split").is_in(["test", "dev"]))
    return dict(seeds.join(tested, on="workflow_id", how="semi").select("workflow_id", "query").iter_rows())
