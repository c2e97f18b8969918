from collections.abc import Callable

import pytest

from workflowbench.catalogue import Api, Catalogue, Parameter
from workflowbench.generation.adaptation import adapted
from workflowbench.generation.pruning import pruned
from workflowbench.shortcuts.compilation import compile_program
from workflowbench.shortcuts.program_writing import write_program

PREFIX = "is.workflow.actions."


@pytest.fixture(scope="module")
def adapt(catalogue: Catalogue) -> Callable[..., str]:
    """Adapts a program to APIs, each given by its name within Apple's, or whole."""

    def adapt(program: str, *given: str | Api) -> str:
        apis = [api if isinstance(api, Api) else catalogue[PREFIX + api] for api in given]
        kept = pruned(compile_program(program).body, {api.identifier for api in apis})
        return write_program(adapted(kept, apis, catalogue))[0]

    return adapt


def test_missing_apis_are_added_in_an_order_in_which_results_flow(adapt: Callable[..., str]) -> None:
    program = adapt("", "setclipboard", "getlastscreenshot")
    assert program.splitlines() == [
        "Latest_Screenshots = is_workflow_actions_getlastscreenshot()",
        "is_workflow_actions_setclipboard( WFInput=Latest_Screenshots)",
    ]


def test_a_required_choice_takes_its_first_value(adapt: Callable[..., str]) -> None:
    api = Api("a.b.C", "C", parameters=(Parameter("mode", "enum", required=True, enum=("x", "y")),))
    assert adapt("", api) == "a_b_C( mode='''x''')\n"


def test_a_required_value_without_a_source_is_asked_for(adapt: Callable[..., str]) -> None:
    api = Api("a.b.C", "C", parameters=(Parameter("boardName", "Board", required=True),))
    assert adapt("", api) == 'a_b_C( boardName=ask_each_time("Board name"))\n'


def test_a_call_takes_a_result_once(adapt: Callable[..., str]) -> None:
    text = [Parameter(key, "string", required=True) for key in ("first", "second")]
    make = Api("a.b.Make", "Make", output_name="Word", output_types=("string",))
    program = adapt("", make, Api("a.b.Join", "Join", parameters=tuple(text)))
    assert program.endswith("a_b_Join( first=f'''{Word}''', second=ask_each_time(\"Second\"))\n")


def test_a_result_of_the_same_type_is_handed_on(adapt: Callable[..., str]) -> None:
    make = Api("a.b.Make", "Make", output_name="Board", output_types=("Board",))
    other = Api("a.b.Other", "Other", output_name="Card", output_types=("Card",))
    use = Api("a.b.Use", "Use", parameters=(Parameter("board", "Board", required=True),))
    assert adapt("", make, other, use).endswith("a_b_Use( board=Board)\n")


def test_an_undocumented_argument_is_left_out(adapt: Callable[..., str]) -> None:
    program = "is_workflow_actions_setvolume( WFVolume=0.5, WFLoudness=11)\n"
    assert adapt(program, "setvolume") == "is_workflow_actions_setvolume( WFVolume=0.5)\n"


def test_a_value_outside_its_enum_is_left_out(adapt: Callable[..., str]) -> None:
    api = Api("a.b.C", "C", parameters=(Parameter("mode", "enum", default="x", enum=("x", "y")),))
    assert adapt("a_b_C( mode='''z''')\n", api) == "a_b_C()\n"


def test_the_newest_result_stands_in_for_one_that_is_gone(adapt: Callable[..., str]) -> None:
    program = (
        "page = is_workflow_actions_getwebpagecontents()\nshot = is_workflow_actions_getlastscreenshot()\n"
        "is_workflow_actions_alert( WFAlertActionMessage=f'''{page}''')\n"
    )
    assert "WFAlertActionMessage=f'''{shot}'''" in adapt(program, "alert", "getlastscreenshot")


def test_the_input_stands_in_where_there_is_no_result(adapt: Callable[..., str]) -> None:
    program = (
        "page = is_workflow_actions_getwebpagecontents()\n"
        "is_workflow_actions_alert( WFAlertActionMessage=f'''{page}''')\n"
    )
    assert "Shortcut_Input = shortcut_input()" in adapt(program, "alert")
    assert "f'''{Shortcut_Input}'''" in adapt(program, "alert")


def test_a_result_of_one_branch_is_not_used_after_it(adapt: Callable[..., str]) -> None:
    program = (
        "Shortcut_Input = shortcut_input()\nif Shortcut_Input:\n"
        "    page = is_workflow_actions_getlastscreenshot()\n"
        "is_workflow_actions_setclipboard( WFInput=page)\n"
    )
    assert "setclipboard( WFInput=Shortcut_Input)" in adapt(program, "setclipboard", "getlastscreenshot")


def test_a_repeated_call_stands_once(adapt: Callable[..., str]) -> None:
    program = "a = is_workflow_actions_list()\nb = is_workflow_actions_list()\n" * 2
    assert adapt(program, "list").count("is_workflow_actions_list") == 1


def test_the_clipboard_as_a_value_is_a_call_of_its_api(adapt: Callable[..., str]) -> None:
    program = "is_workflow_actions_alert( WFAlertActionMessage=f'''{is_workflow_actions_getclipboard()}''')\n"
    assert "getclipboard" not in adapt(program, "alert")
    assert "f'''{is_workflow_actions_getclipboard()}'''" in adapt(program, "alert", "getclipboard")


def test_of_several_endings_only_the_last_one_always_runs(adapt: Callable[..., str]) -> None:
    lines = adapt("", "exit", "output").splitlines()
    assert lines[1] == "if not Shortcut_Input:"
    assert lines[2].startswith("    is_workflow_actions_exit(")
    assert lines[3].startswith("is_workflow_actions_output(")


def test_an_identifier_with_a_hyphen_is_declared(adapt: Callable[..., str]) -> None:
    program = adapt("", Api("a.b-c.D", "D"))
    assert program == "a_b_c_D = action('''a.b-c.D''')\na_b_c_D()\n"


def test_constructs_are_no_calls_to_add(adapt: Callable[..., str]) -> None:
    assert adapt("", "gettext", "setvariable", "comment", "conditional") == ""
