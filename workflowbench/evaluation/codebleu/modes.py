"""The three ways to count."""

from enum import StrEnum


class Mode(StrEnum):
    """Which CodeBLEU is meant.

    `compat` is the number of the package `codebleu` 0.7.0, to the last bit, with its pinned grammar and
    under the same PYTHONHASHSEED. `stable` is the same but for the order of names, which is that of first
    appearance and not of a set: equal on every run, unchanged by renaming. `fixed` is what the definition
    says (Ren et al. 2020, section 3), without the package's faults.
    """

    COMPAT = "compat"
    STABLE = "stable"
    FIXED = "fixed"
