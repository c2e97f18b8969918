from workflowbench.generation.pruning import MOST_CALLS, pruned
from workflowbench.shortcuts.compilation import compile_program
from workflowbench.shortcuts.program_writing import write_program
from workflowbench.shortcuts.tree import Tree

PREFIX = "is.workflow.actions."


def left_of(program: str, *given: str) -> str:
    """The program of what pruning leaves of another one; names of actions without their prefix."""
    tree = compile_program(program)
    kept = pruned(tree.body, [PREFIX + name for name in given])
    return write_program(Tree(kept, tree.referenced))[0]


def test_only_calls_of_given_apis_stay() -> None:
    program = "is_workflow_actions_alert()\nis_workflow_actions_vibrate()\n"
    assert left_of(program, "vibrate") == "is_workflow_actions_vibrate()\n"


def test_values_stay_where_a_kept_call_needs_them() -> None:
    program = (
        "greeting = '''Hi'''\nunused = '''Ho'''\nTotal = greeting\n"
        "is_workflow_actions_alert( WFAlertActionMessage=f'''{Total}''')\n"
    )
    assert "Ho" not in left_of(program, "alert")
    assert "Hi" in left_of(program, "alert")


def test_a_block_without_a_kept_call_goes() -> None:
    program = "if Shortcut_Input:\n    is_workflow_actions_vibrate()\nis_workflow_actions_alert()\n"
    assert (
        left_of("Shortcut_Input = shortcut_input()\n" + program, "alert") == "is_workflow_actions_alert()\n"
    )


def test_an_empty_otherwise_goes() -> None:
    program = (
        "Shortcut_Input = shortcut_input()\nif Shortcut_Input:\n    is_workflow_actions_alert()\n"
        "else:\n    is_workflow_actions_vibrate()\n"
    )
    assert "else" not in left_of(program, "alert")


def test_an_empty_branch_turns_the_condition_round() -> None:
    program = (
        "Shortcut_Input = shortcut_input()\nif Shortcut_Input == '''a''':\n    is_workflow_actions_alert()\n"
        "else:\n    is_workflow_actions_vibrate()\n"
    )
    assert "if Shortcut_Input != '''a''':\n    is_workflow_actions_vibrate()\n" in left_of(program, "vibrate")


def test_a_menu_keeps_the_cases_that_do_something() -> None:
    program = (
        "match choose_from_menu( WFMenuItems=['''A''', '''B''', '''C''']):\n"
        "    case '''A''':\n        is_workflow_actions_alert()\n"
        "    case '''B''':\n        is_workflow_actions_vibrate()\n"
        "    case '''C''':\n        is_workflow_actions_url()\n"
    )
    assert "['''A''', '''C''']" in left_of(program, "alert", "url")
    assert left_of(program, "url") == "is_workflow_actions_url()\n"


def test_comments_and_endings_go() -> None:
    program = "# '''Made by me'''\nis_workflow_actions_alert()\nis_workflow_actions_exit()\n"
    assert left_of(program, "alert", "exit") == "is_workflow_actions_alert()\n"


def test_an_api_is_kept_a_few_times_only() -> None:
    program = "".join(f"is_workflow_actions_delay( WFDelayTime={number})\n" for number in range(1, 9))
    assert left_of(program, "delay").count("delay") == MOST_CALLS


def test_the_tree_itself_stays_as_it_is() -> None:
    program = "Shortcut_Input = shortcut_input()\nif Shortcut_Input:\n    is_workflow_actions_alert()\n"
    tree = compile_program(program)
    pruned(tree.body, [])
    assert write_program(tree)[0] == program
