"""Training rows: workflows as conversations, in the words in which the trained model is asked later."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from workflowbench.files import write_atomically
from workflowbench.generation.prompting import answer_text, chat_messages
from workflowbench.training.errors import JobError

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Lines of the files that a training run reads, sorted by id.

    Attributes:
        train: Lines to learn from.
        dev: Lines that select the best checkpoint.
        undocumented: Ids of workflows that were left out: the catalogue lacks an API of theirs.

    """

    train: list[Row]
    dev: list[Row]
    undocumented: list[str]


def training_rows(
    workflows: pl.DataFrame, splits: pl.DataFrame, stubs: Mapping[str, str], *, key: str, apis: str
) -> TrainingRows:
    """Turn workflows into conversations: query and API stubs, answered by plan and program.

    Args:
        workflows: Rows of `seed_workflows` or of `workflowbench`.
        splits: Their splits in one setting: rows of `seed_splits` or of `splits`.
        stubs: Python stub of each API, by identifier.
        key: Column that identifies a workflow in both frames.
        apis: Column with the APIs that the model is given.

    Raises:
        JobError: no workflow is left to learn from.

    """
    undocumented = []
    by_split: dict[str, list[Row]] = {"train": [], "dev": []}
    learnt = splits.filter(pl.col("split").is_in(list(by_split)))
    asked = workflows.select("query", "task_plan", "code", id=key, apis=apis)
    for workflow in asked.join(learnt.select("split", id=key), on="id").sort("id").iter_rows(named=True):
        if all(identifier in stubs for identifier in workflow["apis"]):
            by_split[workflow["split"]].append(_line(workflow, stubs))
        else:
            undocumented.append(workflow["id"])
    if not by_split["train"]:
        raise JobError(
            "No workflow is in split train of this setting, so there is nothing to learn. "
            "Collect more, or hold fewer apps out."
        )
    return TrainingRows(by_split["train"], by_split["dev"], undocumented)


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write lines of a training file, atomically."""
    write_atomically(path, b"".join(orjson.dumps(row) + b"\n" for row in rows))


def _line(workflow: Mapping[str, Any], stubs: Mapping[str, str]) -> Row:
    messages = chat_messages(workflow["query"], [stubs[identifier] for identifier in workflow["apis"]])
    answer = {"role": "assistant", "content": answer_text(workflow["task_plan"], workflow["code"])}
    return {"id": workflow["id"], "split": workflow["split"], "messages": [*messages, answer]}
