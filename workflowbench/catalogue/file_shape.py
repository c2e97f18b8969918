"""Refusing a file of another shape with one clear message."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.parsers.expat import ExpatError

_OTHER_SHAPE = (AttributeError, ExpatError, KeyError, RecursionError, TypeError, ValueError)
"""What reading a property list or JSON of another shape ends in."""


@contextmanager
def refusing_other_shapes(path: Path, expected: str, remedy: str) -> Iterator[None]:
    """Turn what reading a file of another shape ends in into a ValueError that names file and remedy."""
    try:
        yield
    except _OTHER_SHAPE as error:
        raise ValueError(f"{path} is no {expected}. {remedy}") from error
