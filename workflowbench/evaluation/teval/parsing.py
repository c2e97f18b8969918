"""Reading a model's answer as a plan, with exactly the fallbacks of the T-Eval protocol."""

import ast
import json
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from workflowbench.evaluation.teval.plans import Form, Plan, Step

_FENCE = "```json"
_READERS: tuple[Callable[[str], Any], ...] = (
    ast.literal_eval,
    json.loads,
    lambda text: json.loads(text.replace("'", '"')),
)
_FAULTS = (ValueError, SyntaxError, TypeError, KeyError, OverflowError, RecursionError, MemoryError)


def parse_plan(answer: str, form: Form, apis: Sequence[str]) -> Plan:
    """Read an answer as a plan; one that cannot be read is the empty plan.

    Args:
        answer: What the model wrote.
        form: How the plan was asked for.
        apis: Names of the APIs of the query; only lines are read by them.

    """
    return parse_json(answer) if form is Form.JSON else parse_lines(answer, apis)


def parse_json(answer: str) -> Plan:
    """Read a list of steps: from the first `[` to the last `]`, as Python, as JSON, or with quotes swapped.

    One element that is no step makes the whole plan empty.
    """
    steps = _read_list(_bracketed(answer))
    try:
        return tuple(Step(int(step["id"]), str(step["name"]), str(step["args"])) for step in steps)
    except _FAULTS:
        return ()


def parse_lines(answer: str, apis: Sequence[str]) -> Plan:
    """Read steps from sentences: each calls the API whose name occurs first in it, if any does.

    Of two names that start at the same place, the earlier in the list counts.
    """
    steps: list[Step] = []
    for line in answer.replace(". ", "\n").split("\n"):
        places = [(place, number) for number, api in enumerate(apis) if (place := line.find(api)) != -1]
        if places:
            steps.append(Step(len(steps), apis[min(places)[1]], line))
    return tuple(steps)


def _bracketed(answer: str) -> str:
    if _FENCE in answer:
        answer = answer[answer.find(_FENCE) + len(_FENCE) :].strip("`")
    start, end = answer.find("["), answer.rfind("]")
    return answer[start : end + 1] if start != -1 else ""


def _read_list(text: str) -> list[Any]:
    for read in _READERS:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = read(text)
        except _FAULTS:
            continue
        return value if type(value) is list else []
    return []
