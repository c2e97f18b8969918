"""Checkpoints of a run: which one to go on from, and when a run is done."""

import re
from pathlib import Path

DONE = "DONE"
"""File in the output directory that says that `final` is whole; it is written last."""

FINAL = "final"
"""Directory of the trained model in the output directory."""

_NAME = re.compile(r"checkpoint-(\d+)")


def last_complete(output: Path) -> Path | None:
    """Return the newest checkpoint that was written to its end.

    `trainer_state.json` is the last file that transformers writes, after DeepSpeed's barrier; a checkpoint
    that was cut off lacks it or carries `checkpoint-is-incomplete.txt`.
    """
    numbered = [
        (int(match[1]), path)
        for path in (output.iterdir() if output.is_dir() else ())
        if (match := _NAME.fullmatch(path.name)) and _is_complete(path)
    ]
    return max(numbered)[1] if numbered else None


def _is_complete(checkpoint: Path) -> bool:
    whole = (checkpoint / "trainer_state.json").is_file()
    return whole and not (checkpoint / "checkpoint-is-incomplete.txt").exists()


def is_done(output: Path) -> bool:
    """Whether the run ended and its model is whole."""
    return (output / DONE).is_file()
