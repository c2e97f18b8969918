"""Programs as plans."""

import json

import polars as pl
import pytest

from workflowbench.catalogue import builtin_catalogue
from workflowbench.evaluation.teval.conversion import plan_json, plan_of, score_programs
from workflowbench.evaluation.teval.matching import Mode
from workflowbench.evaluation.teval.parsing import parse_json

CATALOGUE = builtin_catalogue()
LEVEL = "is.workflow.actions.getbatterylevel"
SPEAK = "is.workflow.actions.speaktext"
PROGRAM = """level = is_workflow_actions_getbatterylevel()
if level < 20:
    is_workflow_actions_speaktext( WFText='''low''')
else:
    is_workflow_actions_speaktext( WFText=f'''{level} %''')
"""


def samples() -> pl.DataFrame:
    rows = [{"sample_id": "a", "given_apis": [LEVEL, SPEAK], "code": PROGRAM, "query": "How full?"}]
    return pl.DataFrame(rows)


def test_calls_are_steps_in_program_order_and_blocks_are_counted() -> None:
    plan = plan_of(PROGRAM, CATALOGUE)
    assert [(step.id, step.name) for step in plan.steps] == [(0, LEVEL), (1, SPEAK), (2, SPEAK)]
    assert (plan.n_flattened, plan.parses) == (1, True)


def test_arguments_are_values_or_source() -> None:
    steps = plan_of(PROGRAM, CATALOGUE).steps
    assert steps[1].args == "{'WFText': 'low'}"
    assert "level" in steps[2].args


def test_a_plan_written_as_json_is_read_back() -> None:
    steps = plan_of(PROGRAM, CATALOGUE).steps
    assert parse_json(plan_json(steps)) == steps
    assert json.loads(plan_json(steps))[0].keys() == {"id", "name", "args"}


@pytest.mark.parametrize("code", ["x = (", "", "(" * 3000, "\0"])
def test_what_is_no_program_is_an_empty_plan(code: str) -> None:
    assert plan_of(code, CATALOGUE).steps == ()


def test_the_reference_itself_scores_1_and_a_missing_program_0() -> None:
    assert score_programs({"a": PROGRAM}, samples(), CATALOGUE, Mode.NAMES).figures.f1.value == 1.0
    assert score_programs({}, samples(), CATALOGUE, Mode.NAMES).figures.f1.value == 0.0
