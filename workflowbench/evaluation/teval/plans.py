"""Plans, and the queries of T-Eval's PLAN split that ask for them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

FINISH = "FinishAction"
"""The step that ends a plan and is not scored in the last place."""


class Form(StrEnum):
    """How a plan is asked for: as a JSON list, or as lines of text."""

    JSON = "json"
    STR = "str"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan.

    Attributes:
        id: Place in the plan; steps are sorted by it.
        name: The API.
        args: Its arguments as text; of a plan in lines, the whole line.

    """

    id: int
    name: str
    args: str


Plan = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PlanQuery:
    """A query of the PLAN split.

    Attributes:
        query_id: Its key in the file.
        form: How the plan is asked for.
        apis: Names of the APIs that a plan may use.
        gold: The annotated plan.
        system: System message of the prompt.
        user: User message of the prompt: the request.

    """

    query_id: str
    form: Form
    apis: tuple[str, ...]
    gold: Plan
    system: str
    user: str


class PlanDataError(Exception):
    """The folder does not hold the PLAN split, or a query of it is damaged; the message names the place."""


def read_queries(folder: Path, form: Form) -> list[PlanQuery]:
    """Read the queries of one form: the only file of a folder named `plan_<form>*.json`.

    Raises:
        PlanDataError: There is no such file, there are several, or one does not hold plan queries.

    """
    files = sorted(folder.glob(f"plan_{form}*.json"))
    if len(files) != 1:
        found = ", ".join(file.name for file in files) or "none"
        raise PlanDataError(f"{folder} must hold one file plan_{form}*.json; found: {found}")
    try:
        content = json.loads(files[0].read_bytes())
    except (OSError, ValueError) as error:
        raise PlanDataError(f"{files[0]} cannot be read as JSON: {error}") from None
    if not isinstance(content, dict) or not content:
        raise PlanDataError(f"{files[0]} holds no object of queries")
    return [_query(files[0], query_id, datum, form) for query_id, datum in content.items()]


def gold_step(datum: Mapping[str, Any]) -> Step:
    """A step as the data writes it; the arguments become the text of a Python dictionary."""
    return Step(int(datum["id"]), str(datum["name"]), str(datum["args"]))


def scored_steps(plan: Plan) -> Plan:
    """The steps that count: sorted by id, without a final `FinishAction`."""
    ordered = tuple(sorted(plan, key=lambda step: step.id))
    return ordered[:-1] if ordered and ordered[-1].name == FINISH else ordered


def _query(path: Path, query_id: str, datum: Any, form: Form) -> PlanQuery:
    try:
        messages = {message["role"]: message["content"] for message in datum["origin_prompt"]}
        if datum["meta"]["prompt_type"] != form:
            raise ValueError(f"prompt_type is {datum['meta']['prompt_type']!r}")
        return PlanQuery(
            query_id,
            form,
            tuple(datum["meta"]["API_list"]),
            tuple(map(gold_step, datum["ground_truth"])),
            messages["system"],
            messages["user"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PlanDataError(f"{path}, {query_id}: {type(error).__name__}: {error}") from None
