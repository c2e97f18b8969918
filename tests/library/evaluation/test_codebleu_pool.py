"""Scoring in several processes."""

import os
from collections.abc import Iterator
from pathlib import Path

from workflowbench.evaluation.codebleu import pool
from workflowbench.evaluation.codebleu.pairs import Pair
from workflowbench.evaluation.codebleu.pool import Settings, score_pairs


def pairs(number: int) -> Iterator[Pair]:
    for index in range(number):
        yield Pair(str(index), f"x = f(y)\nif x:\n    z = {index}", f"x = f(y, {index % 7})\nz = x")


def test_processes_give_the_rows_that_one_gives(tmp_path: Path) -> None:
    one = {row.pair_id: row for row in score_pairs(pairs(150), workers=1)}
    many = {row.pair_id: row for row in score_pairs(pairs(150), Settings(cache=tmp_path), workers=2)}
    assert many == one
    assert len(many) == 150


def test_pairs_are_read_as_they_are_needed() -> None:
    read: list[str] = []

    def watched() -> Iterator[Pair]:
        for pair in pairs(2_000):
            read.append(pair.pair_id)
            yield pair

    rows = score_pairs(watched(), workers=2)
    next(rows)
    assert len(read) < 2_000
    rows.close()  # type: ignore[attr-defined]


class _Deadly(str):
    """A text that ends the process that reads it."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (1,)


def test_a_process_that_dies_costs_its_own_row() -> None:
    deadly = Pair("deadly", "x = 1", _Deadly("x"))
    rows = {row.pair_id: row for row in score_pairs([*pairs(pool.SEQUENTIAL_PAIRS), deadly], workers=2)}
    assert len(rows) == pool.SEQUENTIAL_PAIRS + 1
    assert rows["deadly"].score is None
    assert str(rows["deadly"].note).startswith("worker_died")
    assert all(row.score for pair_id, row in rows.items() if pair_id != "deadly")
