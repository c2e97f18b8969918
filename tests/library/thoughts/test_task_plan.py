import ast
from collections.abc import Callable, Mapping

import pytest

from workflowbench.catalogue.api import Api
from workflowbench.thoughts.plan import main_actions, task_plan
from workflowbench.thoughts.vocabulary import read_vocabulary

Plan = Callable[..., str]


@pytest.fixture
def plan(catalogue: Mapping[str, Api]) -> Plan:
    by_function = {api.function: api for api in catalogue.values()}

    def write(code: str, *, takes_input: bool = False) -> str:
        tree = ast.parse(code)
        vocabulary = read_vocabulary(tree, catalogue, by_function)
        return task_plan(tree, vocabulary, "Weather", takes_input=takes_input)

    return write


def test_an_empty_program_has_a_start_and_an_end(plan: Plan):
    assert plan("") == "1. **Start**\n   - Begins 'Weather'.\n2. **End**\n   - Finishes the workflow."


def test_a_plan_names_its_input(plan: Plan):
    assert "   - Begins 'Weather' with the input that it is given.\n" in plan("", takes_input=True)


def test_branches_and_loops_are_named(plan: Plan):
    code = """\
if a > 1:
    b = c
else:
    for Repeat_Index, Repeat_Item in enumerate(names, start=1):
        Total = Repeat_Item
match choose_from_menu( WFMenuItems=['''A''']):
    case '''A''':
        c = d
"""
    assert plan(code).split("\n")[2:-2] == [
        "2. **If a is greater than 1**",
        "   - Then:",
        "     - Sets b to c",
        "   - Otherwise:",
        "     - For each item of names:",
        "       - Sets Total to Repeat_Item",
        "3. **Lets the person choose from a menu ('A')**",
        "   - When 'A' is chosen:",
        "     - Sets c to d",
    ]


def test_straight_lines_are_grouped_into_steps(plan: Plan):
    steps = [line for line in plan("a = b\n" * 9).split("\n") if line[0].isdigit()]
    assert len(steps) == 2 + 3


def test_declarations_are_no_steps(plan: Plan):
    assert plan("x = named_variable('''x''')\ny = action('''a.b-c''')\n") == plan("")


def test_a_long_workflow_has_a_bounded_plan(plan: Plan):
    flat = plan("a = b\n" * 2000)
    deep = plan(
        "if a:\n" + "".join(f"{'  ' * level}if a{level}:\n" for level in range(1, 30)) + "  " * 30 + "b = c\n"
    )
    wide = plan("if a:\n" + "  if b:\n    c = d\n" * 500)
    assert max(map(len, (flat, deep, wide))) < 6000


def test_a_step_is_named_after_an_action_that_does_something(plan: Plan):
    code = "x = '''a'''\nis_workflow_actions_notification( WFNotificationActionBody=x)\n"
    assert "2. **Shows a notification**\n   - Takes the text 'a'" in plan(code)


def test_an_action_that_does_nothing_is_no_step(plan: Plan):
    assert plan("is_workflow_actions_nothing()\n") == plan("")


@pytest.fixture
def main(catalogue: Mapping[str, Api]) -> Callable[[str], list[str]]:
    def sentences(code: str) -> list[str]:
        tree = ast.parse(code)
        vocabulary = read_vocabulary(tree, catalogue, {api.function: api for api in catalogue.values()})
        return list(main_actions(tree, vocabulary, 2))

    return sentences


def test_main_actions_are_the_first_distinct_known_ones(main: Callable[[str], list[str]]):
    code = """\
unknown_example_action( x=1)
is_workflow_actions_url( WFURLActionURL=x)
is_workflow_actions_downloadurl( WFURL=x)
is_workflow_actions_downloadurl( WFURL=y)
is_workflow_actions_notification( )
is_workflow_actions_lowpowermode_set( )
"""
    assert main(code) == ["Makes an HTTP request", "Shows a notification"]


def test_actions_that_only_serve_others_are_main_where_there_are_no_others(main: Callable[[str], list[str]]):
    assert main("is_workflow_actions_url( WFURLActionURL=x)\n") == ["Passes on a web address"]
