"""Splits of WorkflowBench that never divide a near-duplicate family.

The split of a family is a function of the seed and the family's id alone: a hash of both is read as a number
in [0, 1). Added samples therefore move no other family, and the fractions hold in expectation, counted in
families; with few families a split may be empty.

A family's id is its smallest workflow id. A new workflow that joins two families, or that has a smaller id
than all others of its family, changes that id, and so may move the family, whole, to another split: compare
`splits` of two releases before comparing figures measured on them.
"""

import hashlib

import polars as pl

from workflowbench.tables import SPLITS

_HASH_BYTES = 8


def split_samples(samples: pl.DataFrame, *, seed: int, dev: float, test: float) -> pl.DataFrame:
    """Assign each sample to `train`, `dev` or `test`.

    Args:
        samples: Rows of `workflowbench`.
        seed: Seed of the hash; another seed is another draw.
        dev: Expected fraction of families in dev, from 0 to 1.
        test: Expected fraction of families in test, from 0 to 1.

    Returns:
        Rows of `splits`, sorted by key.

    Raises:
        ValueError: A fraction is negative, or both together exceed 1.
    """
    if min(dev, test) < 0 or dev + test > 1:
        raise ValueError(
            f"dev is {dev} and test is {test}; give fractions of at least 0 that add up to at most 1"
        )
    split_of = {family: _split(seed, family, dev, test) for family in samples["family"].unique().to_list()}
    split = pl.col("family").replace_strict(split_of, return_dtype=pl.String).alias("split")
    return samples.select("sample_id", "family", split).sort(SPLITS.key)


def _split(seed: int, family: str, dev: float, test: float) -> str:
    digest = hashlib.sha256(f"{seed}:{family}".encode()).digest()[:_HASH_BYTES]
    place = int.from_bytes(digest) / 256**_HASH_BYTES
    if place < test:
        return "test"
    return "dev" if place < test + dev else "train"
