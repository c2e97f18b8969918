"""Windows: which samples go through the model together.

Samples of one window stand behind each other in one row; position ids restart at each, and from them the
attention implementations of transformers derive that no sample sees another.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence
from typing import Any

from workflowbench.training.chat import IGNORED, Sample

Window = tuple[Sample, ...]


def pack(samples: Sequence[Sample], window: int) -> list[Window]:
    """Fill windows with samples, longest first, each into the fullest window that still holds it.

    Args:
        samples: Samples of at most `window` tokens.
        window: Most tokens of a window.

    Returns:
        Windows in the order in which they were opened; every sample is in exactly one.

    """
    opened: list[list[Sample]] = []
    room: list[tuple[int, int]] = []
    for sample in sorted(samples, key=lambda sample: (-len(sample.input_ids), sample.id)):
        length = len(sample.input_ids)
        place = bisect_left(room, (length, -1))
        if place == len(room):
            number, left = len(opened), window
            opened.append([])
        else:
            left, number = room.pop(place)
        opened[number].append(sample)
        insort(room, (left - length, number))
    return [tuple(window) for window in opened]


def one_per_window(samples: Sequence[Sample]) -> list[Window]:
    """Put each sample in a window of its own, in their order."""
    return [(sample,) for sample in samples]


class WindowDataset:
    """Windows as a map-style dataset of torch; `input_ids` is there for length-aware samplers."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self._windows = windows

    def __len__(self) -> int:
        return len(self._windows)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        window = self._windows[index]
        return {
            "input_ids": [token for sample in window for token in sample.input_ids],
            "labels": [label for sample in window for label in _unlinked(sample)],
            "position_ids": [place for sample in window for place in range(len(sample.input_ids))],
        }


def _unlinked(sample: Sample) -> tuple[int, ...]:
    """Labels of a sample; its first token follows nothing, least of all the sample before it."""
    return (IGNORED, *sample.labels[1:])


def collate(windows: Sequence[dict[str, list[int]]]) -> dict[str, Any]:
    """Join windows to one row of tensors, shape (1, tokens), without padding."""
    import torch

    return {
        name: torch.tensor([[value for window in windows for value in window[name]]])
        for name in ("input_ids", "labels", "position_ids")
    }
