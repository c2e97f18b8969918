"""Programs of the Python style as plans: their calls in program order.

Control flow is flattened: a call within a loop or a branch is one step, wherever it stands. A plan has no
place for either, so the number of blocks that were lost is kept beside it.
"""

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import polars as pl

from workflowbench.catalogue.collection import Catalogue
from workflowbench.evaluation.teval.encoders import Encoder
from workflowbench.evaluation.teval.matching import Mode
from workflowbench.evaluation.teval.plans import Form, Plan, PlanQuery, Step
from workflowbench.evaluation.teval.scoring import PlanResult, score_plans
from workflowbench.quality.program_calls import ApiCall, api_calls, arguments_of
from workflowbench.shortcuts.compilation import parse
from workflowbench.shortcuts.program_errors import ProgramError

_BLOCKS = (ast.If, ast.For, ast.Match)


@dataclass(frozen=True, slots=True)
class ProgramPlan:
    """A program as a plan.

    Attributes:
        steps: Its calls in program order; empty if it does not parse.
        n_flattened: Conditions, menus and loops that the plan has no place for.
        parses: Whether the program could be read.

    """

    steps: Plan
    n_flattened: int
    parses: bool


def plan_of(code: str, catalogue: Catalogue) -> ProgramPlan:
    """Convert a program; whatever a model wrote, there is a result."""
    try:
        module = parse(code)
        calls = sorted(api_calls(module, catalogue), key=_place)
        n_blocks = sum(isinstance(node, _BLOCKS) for node in ast.walk(module))
        steps = [
            Step(place, call.identifier, str({key: _value(value) for key, value in arguments_of(call.node)}))
            for place, call in enumerate(calls)
        ]
    except (ProgramError, RecursionError, MemoryError):
        return ProgramPlan((), 0, parses=False)
    return ProgramPlan(tuple(steps), n_blocks, parses=True)


def plan_json(steps: Plan) -> str:
    """A plan in the JSON form that T-Eval asks for, e.g. as the answer of a training conversation."""
    return json.dumps([asdict(step) for step in steps], ensure_ascii=False)


def score_programs(
    programs: Mapping[str, str],
    samples: pl.DataFrame,
    catalogue: Catalogue,
    mode: Mode,
    encoder: Encoder | None = None,
) -> PlanResult:
    """The measure of the PLAN split over samples of our own: the calls of programs against the references'.

    Samples whose reference calls no API are left out. A program that does not parse scores 0.

    Args:
        programs: What a model wrote, by sample id; a sample that is missing counts as empty.
        samples: Rows of `workflowbench`.
        catalogue: The documentation of the APIs.
        mode: What counts as a right step.
        encoder: Encoder of names and arguments; `names` needs none.

    Raises:
        ValueError: No reference calls an API, or the mode needs an encoder.

    """
    queries = sample_queries(samples, catalogue)
    plans = {query.query_id: plan_of(programs.get(query.query_id, ""), catalogue).steps for query in queries}
    return score_plans(plans, queries, mode, encoder)


def sample_queries(samples: pl.DataFrame, catalogue: Catalogue) -> Sequence[PlanQuery]:
    """Samples as plan queries: the reference's calls are the annotated plan."""
    converted = (
        PlanQuery(row["sample_id"], Form.JSON, tuple(row["given_apis"]), steps, "", row["query"])
        for row in samples.sort("sample_id").iter_rows(named=True)
        if (steps := plan_of(row["code"], catalogue).steps)
    )
    return [query for query in converted if query.apis]


def _place(call: ApiCall) -> tuple[int, int]:
    return call.node.lineno, call.node.col_offset


def _value(node: ast.expr) -> object:
    """A literal's value; the source of anything else."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return ast.unparse(node)
