"""Compiling programs that a person or a model wrote."""

import plistlib
from typing import Any

import pytest

from workflowbench.shortcuts.compilation import compile_program
from workflowbench.shortcuts.program_errors import ProgramError
from workflowbench.shortcuts.property_list import write_shortcut, write_workflow
from workflowbench.shortcuts.transcription import transcribe
from workflowbench.shortcuts.tree import PREFIX, Action, Block


def actions_of(source: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (node.identifier.removeprefix(PREFIX), node.parameters)
        for node in compile_program(source).body
        if isinstance(node, Action)
    ]


@pytest.mark.parametrize(
    ("source", "line", "column", "reason"),
    [
        ("x = (", 1, 5, "no Python"),
        ("\nimport os", 2, 1, "no Import statement"),
        ("while True:\n    pass", 1, 1, "no While statement"),
        ("def f():\n    pass", 1, 1, "no FunctionDef statement"),
        ("f( a=1 + 2)", 1, 1, "`f` is no action"),
        ("is_a_b( a=1 + 2)", 1, 11, "a value cannot be a BinOp"),
        ("is_a_b( a=unknown)", 1, 11, "`unknown` is not defined before this line"),
        ("is_a_b( a=later)\nlater = is_c_d()", 1, 11, "`later` is not defined before"),
        ("is_a_b('x')", 1, 8, "by keyword"),
        ("is_a_b( a=is_c_d())", 1, 11, "assign its result first"),
        ("is_a_b( a=__import__('os'))", 1, 11, "cannot stand inside an expression"),
        ("x, y = is_a_b()", 1, 1, "assigns one name"),
        ("for i in range(3):\n    pass", 1, 5, "Repeat_Index"),
        ("for Repeat_Index in range(3):\n    pass", 1, 21, "a loop runs over"),
        ("for Repeat_Index in things:\n    pass", 1, 21, "a loop runs over"),
        ("match x:\n    case 'a':\n        pass", 1, 7, "a menu is"),
        ("match choose_from_menu():\n    case [a, b]:\n        pass", 2, 10, "a case is a text"),
        ("if Shortcut_Input is None:\n    pass", 1, 4, "the comparison is none of"),
        ("if 1 < 2 < 3:\n    pass", 1, 4, "the comparison is none of"),
        ("f'{Shortcut_Input!r}'", 1, 1, "without conversion"),
        ("# '''never closed", 1, 1, "not closed"),
        ("is_a_b( a=1, a=2)", 1, 16, "`a` is given twice"),
        ("is_a_b( a=1, **{'a': 2})", 1, 22, "`a` is given twice"),
        ("input('p', WFAskActionPrompt='q')", 1, 1, "given twice"),
        ("\x00", 1, 1, "no Python"),
    ],
)
def test_a_program_of_another_style_is_refused_with_its_place(
    source: str, line: int, column: int, reason: str
) -> None:
    with pytest.raises(ProgramError, match=reason) as error:
        compile_program(source)
    assert (error.value.line, error.value.column) == (line, column)


def test_hostile_depth_is_refused() -> None:
    with pytest.raises(ProgramError):
        compile_program("is_a_b( x=" + "[" * 5000 + "]" * 5000 + ")")


def test_comments_that_explain_are_no_part_of_the_workflow() -> None:
    assert actions_of("# Explains.\nis_workflow_actions_vibrate()  # trailing\n") == [("vibrate", {})]


def test_comment_actions_keep_their_place() -> None:
    source = (
        "if Shortcut_Input:\n    is_a_b()\n    # '''in then'''\nelse:\n    # '''in else'''\n    is_a_b()\n"
        "# '''after'''\nis_a_b()\n# '''last'''\n"
    )
    tree = compile_program(source)
    block = tree.body[0]
    assert isinstance(block, Block)
    texts = [
        [node.parameters.get("WFCommentActionText") for node in branch.body if isinstance(node, Action)]
        for branch in block.branches
    ]
    assert texts == [[None, "in then"], ["in else", None]]
    assert [node.parameters for node in tree.body if isinstance(node, Action)] == [
        {"WFCommentActionText": "after"},
        {},
        {"WFCommentActionText": "last"},
    ]


def test_what_looks_like_a_comment_inside_text_is_text() -> None:
    assert actions_of("'''a\n# '\\''\n'''") == [("gettext", {"WFTextActionText": "a\n# '''\n"})]


def test_any_quotes_and_order_of_keywords_give_the_same_workflow() -> None:
    first = write_shortcut(compile_program('is_a_b(b="x", a=1)'))
    assert first == write_shortcut(compile_program("is_a_b( a=1, b='''x''')"))


def test_an_action_assigned_to_a_variable_becomes_two_actions() -> None:
    names = [name for name, _ in actions_of("total = '''0'''\nother = total\ntotal = other\n")]
    assert names == ["gettext", "setvariable", "setvariable", "setvariable"]


def test_a_block_result_that_is_not_the_last_output_is_fetched() -> None:
    tree = compile_program(
        "a = is_a_b()\nr = None\nif Shortcut_Input:\n    is_c_d()\n    r = a\nis_e_f( x=r)\n"
    )
    block = tree.body[1]
    assert isinstance(block, Block)
    last = block.branches[0].body[-1]
    assert isinstance(last, Action)
    assert last.identifier == PREFIX + "getvariable"


def test_functions_of_a_catalogue_restore_their_identifiers() -> None:
    tree = compile_program("net_bear_IOS_add()", {"net_bear_IOS_add": "net.bear-IOS.add"})
    assert isinstance(tree.body[0], Action)
    assert tree.body[0].identifier == "net.bear-IOS.add"


def test_the_shortcut_file_is_a_property_list_with_apples_root_keys() -> None:
    root = plistlib.loads(write_shortcut(compile_program("is_workflow_actions_vibrate()")))
    assert root["WFWorkflowActions"][0]["WFWorkflowActionIdentifier"] == PREFIX + "vibrate"
    assert {"WFWorkflowMinimumClientVersion", "WFWorkflowTypes", "WFWorkflowIcon"} <= root.keys()


def test_block_markers_carry_one_group_and_their_modes() -> None:
    source = "if Shortcut_Input:\n    is_a_b()\nelse:\n    is_a_b()\n"
    actions = write_workflow(compile_program(source))["WFWorkflowActions"]
    markers = [
        given for action in actions if "WFControlFlowMode" in (given := action["WFWorkflowActionParameters"])
    ]
    assert [given["WFControlFlowMode"] for given in markers] == [0, 1, 2]
    assert len({given["GroupingIdentifier"] for given in markers}) == 1


def test_an_explained_program_compiles_to_the_same_workflow() -> None:
    plain = "x = is_a_b()\nif x > 5:\n    is_c_d( y=x)\n"
    explained = "# One.\nx = is_a_b()\n# Two.\nif x > 5:\n    # Three.\n    is_c_d( y=x)\n"
    ids = [transcribe(write_workflow(compile_program(source))).workflow_id for source in (plain, explained)]
    assert ids[0] == ids[1]
