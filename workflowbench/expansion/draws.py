"""Generators of reproducible draws."""

import random


def generator(seed: int, *purpose: object) -> random.Random:
    """Return a generator whose draws follow from seed and purpose alone, in every version of Python."""
    return random.Random("/".join(map(str, (seed, *purpose))))  # noqa: S311 - samples, no secrets
