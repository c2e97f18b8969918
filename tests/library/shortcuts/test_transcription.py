"""How each construct of Shortcuts reads as Python."""

import ast
from typing import Any

import pytest
from programs import (
    PREFIX,
    action,
    code_of,
    marker,
    output,
    picked,
    reference,
    text,
    undefined_names,
    variable,
)

from workflowbench.shortcuts.rejection import RejectedShortcut
from workflowbench.shortcuts.transcription import transcribe

A, B, C = (f"0000000{n}-1111-4222-8333-444444444444" for n in range(3))
ASK = action("ask", UUID=A, WFAskActionPrompt="Name?")
PROPERTY = "WFPropertyVariableAggrandizement"


def step(kind: str, **given: Any) -> dict[str, Any]:
    return {"Type": f"WF{kind}VariableAggrandizement", **given}


def condition_of(**parameters: Any) -> str:
    code = code_of(ASK, marker("conditional", 0, **parameters), marker("conditional", 2))
    return code.split("\nif ")[1].split(":\n")[0]


def value_of(bare: dict[str, Any]) -> str:
    return code_of(ASK, action("showresult", X=reference(bare))).split("X=")[1].removesuffix(")\n")


def test_an_action_is_a_call_with_keywords_in_alphabetical_order() -> None:
    code = code_of(action("downloadurl", WFURL="https://example.com", ShowHeaders=True))
    assert code == "is_workflow_actions_downloadurl( ShowHeaders=True, WFURL='''https://example.com''')\n"


def test_the_program_does_not_depend_on_the_order_of_keys() -> None:
    assert code_of(action("url", A=1, B=2)) == code_of(action("url", B=2, A=1))


def test_a_result_is_named_only_if_something_refers_to_it() -> None:
    alone = code_of(action("date", UUID=A))
    used = code_of(action("date", UUID=A), action("showresult", Text=text("\ufffc", at_0=output(A))))
    assert alone == "is_workflow_actions_date()\n"
    assert used.startswith("Date = is_workflow_actions_date()\n")


def test_a_result_is_named_by_its_label() -> None:
    code = code_of(
        action("date", UUID=A, CustomOutputName="Due day!"), action("alert", X=reference(output(A)))
    )
    assert code.startswith("Due_day = ")


def test_a_lower_case_uuid_is_the_same_output() -> None:
    code = code_of(action("date", UUID=A.lower()), action("alert", X=reference(output(A))))
    assert "pending_output" not in code


def test_names_in_other_alphabets_are_kept_apart() -> None:
    code = code_of(
        ASK,
        action("setvariable", WFVariableName="变量一", WFInput=reference(output(A))),
        action("setvariable", WFVariableName="变量二", WFInput=reference(output(A))),
    )
    assert "变量一 = Provided_Input\n变量二 = Provided_Input\n" in code


@pytest.mark.parametrize(
    "name", ["class", "1", "print", "match", "🙂", "", "a b", "Repeat_Item", "ﬁ", "dict"]
)
def test_a_variable_whose_name_is_no_free_identifier_is_declared(name: str) -> None:
    code = code_of(ASK, action("setvariable", WFVariableName=name, WFInput=reference(output(A))))
    assert f" = named_variable('''{name}''')" in code


def test_text_is_never_cut() -> None:
    long = "abc" * 40_000
    assert code_of(action("gettext", WFTextActionText=long)) == f"'''{long}'''\n"


@pytest.mark.parametrize(
    "hostile",
    [
        "'''",
        "\\",
        "'",
        "it's '''",
        "\\'''",
        "a\r\nb",
        "\x00",
        "\ufffc",
        "\ud800",
        "{x}",
        "__import__('os')",
        "\\N{x}",
        "a'",
    ],
)
def test_text_stays_text(hostile: str) -> None:
    statement = ast.parse(code_of(action("gettext", WFTextActionText=hostile))).body[0]
    assert isinstance(statement, ast.Expr)
    assert ast.literal_eval(statement.value) == hostile


def test_attachments_are_placed_by_utf_16_offset() -> None:
    code = code_of(ASK, action("gettext", WFTextActionText=text("😀 \ufffc end", at_3=output(A))))
    assert "f'''😀 {Provided_Input} end'''" in code


def test_a_misplaced_attachment_takes_the_free_placeholder() -> None:
    code = code_of(ASK, action("gettext", WFTextActionText=text("😀 \ufffc end", at_2=output(A))))
    assert "f'''😀 {Provided_Input} end'''" in code


def test_braces_of_text_with_variables_are_doubled() -> None:
    code = code_of(ASK, action("gettext", WFTextActionText=text('{"k": "\ufffc"}', at_7=output(A))))
    assert "f'''{{\"k\": \"{Provided_Input}\"}}'''" in code


def test_an_expression_that_no_f_string_can_hold_goes_through_format() -> None:
    key = output(A, "", step("DictionaryValue", DictionaryKey='a"b'))
    code = code_of(ASK, action("gettext", WFTextActionText=text("x \ufffc", at_2=key)))
    assert "'''x {}'''.format(Provided_Input['''a\"b'''])" in code


@pytest.mark.parametrize(
    ("bare", "expected"),
    [
        ({"Type": "ExtensionInput"}, "Shortcut_Input"),
        ({"Type": "Clipboard"}, "is_workflow_actions_getclipboard()"),
        ({"Type": "CurrentDate"}, "datetime.datetime.now()"),
        ({"Type": "Ask", "Prompt": "How many?"}, 'ask_each_time("How many?")'),
        (output(A, "", step("Property", PropertyName="Name")), "Provided_Input.Name"),
        (
            output(A, "", step("Property", PropertyName="File Size")),
            'get_property(Provided_Input, "File Size")',
        ),
        (output(A, "", step("DictionaryValue", DictionaryKey="k")), 'Provided_Input["k"]'),
        (output(A, "", step("Coercion", CoercionItemClass="WFStringContentItem")), "str(Provided_Input)"),
        (
            output(A, "", step("Coercion", CoercionItemClass="WFURLContentItem")),
            'coerce_variable(value=Provided_Input, coercion_class="WFURLContentItem")',
        ),
        (
            output(A, "", step("DateFormat", WFDateFormatStyle="Custom", WFDateFormat="yyyy")),
            'format_date(value=Provided_Input, date_format="Custom", custom_format="yyyy")',
        ),
        (
            output(A, "", step("Future", New="x")),
            "aggrandized(Provided_Input, dict(New='''x''', Type='''WFFutureVariableAggrandizement'''))",
        ),
    ],
)
def test_references_are_expressions(bare: dict[str, Any], expected: str) -> None:
    assert value_of(bare) == expected


@pytest.mark.parametrize(
    ("code", "operand", "expected"),
    [
        (0, {"WFNumberValue": "5"}, "Provided_Input < 5"),
        (1, {"WFNumberValue": 5}, "Provided_Input <= 5"),
        (2, {"WFNumberValue": "-1.5"}, "Provided_Input > -1.5"),
        (3, {"WFNumberValue": "007"}, "compare(Provided_Input, 3, WFNumberValue='''007''')"),
        (4, {"WFConditionalActionString": ""}, "Provided_Input == ''''''"),
        (4, {}, "Provided_Input == None"),
        (5, {"WFConditionalActionString": "a"}, "Provided_Input != '''a'''"),
        (8, {"WFConditionalActionString": "a"}, "Provided_Input.startswith('''a''')"),
        (9, {"WFConditionalActionString": "a"}, "Provided_Input.endswith('''a''')"),
        (99, {"WFConditionalActionString": "a"}, "'''a''' in Provided_Input"),
        (999, {"WFConditionalActionString": "a"}, "'''a''' not in Provided_Input"),
        (100, {}, "Provided_Input"),
        (101, {}, "not Provided_Input"),
        (1002, {}, "is_today(Provided_Input)"),
        (1003, {"WFNumberValue": "1", "WFAnotherNumber": "9"}, "1 <= Provided_Input <= 9"),
        ("Equals", {"WFConditionalActionString": "a"}, "Provided_Input == '''a'''"),
        (7, {}, "compare(Provided_Input, 7)"),
        (
            4,
            {"WFConditionalActionString": "a", "WFNumberValue": "1"},
            "condition(Provided_Input == '''a''', WFNumberValue=1)",
        ),
    ],
)
def test_conditions(code: Any, operand: dict[str, Any], expected: str) -> None:
    assert condition_of(WFCondition=code, WFInput=picked(output(A)), **operand) == expected


def test_a_comparison_of_ios_12_is_marked() -> None:
    operands = {"WFConditionalActionString": "a", "WFConditionalLegacyComparisonBehavior": True}
    shown = condition_of(WFCondition=4, WFInput=picked(output(A)), **operands)
    assert shown == "legacy_comparison(Provided_Input == '''a''')"


def test_an_absent_condition_is_contains() -> None:
    assert condition_of(WFConditionalActionString="a") == "'''a''' in Provided_Input"


@pytest.mark.parametrize(("prefix", "word"), [(0, "or"), (1, "and")])
def test_several_conditions_are_joined(prefix: int, word: str) -> None:
    templates = [
        {"WFCondition": 100, "WFInput": picked(output(A))},
        {"WFCondition": 101, "WFInput": picked(output(A))},
    ]
    table = {
        "Value": {"WFActionParameterFilterPrefix": prefix, "WFActionParameterFilterTemplates": templates},
        "WFSerializationType": "WFContentPredicateTableTemplate",
    }
    assert condition_of(WFConditions=table) == f"Provided_Input {word} not Provided_Input"


def test_an_if_has_then_and_else() -> None:
    code = code_of(
        ASK,
        marker("conditional", 0, WFCondition=100),
        action("vibrate"),
        marker("conditional", 1),
        marker("conditional", 2),
    )
    assert code.endswith("if Provided_Input:\n    is_workflow_actions_vibrate()\nelse:\n    pass\n")


def test_a_body_of_comments_is_filled_with_pass() -> None:
    code = code_of(
        marker("repeat.count", 0, WFRepeatCount=3),
        action("comment", WFCommentActionText="one\ntwo"),
        marker("repeat.count", 2),
    )
    assert code == "for Repeat_Index in range(1, int(3) + 1):\n    # '''one\n    # two'''\n    pass\n"


def test_nested_loops_count_their_names() -> None:
    code = code_of(
        ASK,
        marker("repeat.each", 0, "outer", WFInput=reference(output(A))),
        marker("repeat.each", 0, "inner", WFInput=reference(variable("Repeat Item"))),
        action("alert", X=reference(variable("Repeat Item 2"))),
        marker("repeat.each", 2, "inner"),
        marker("repeat.each", 2, "outer"),
    )
    assert "    for Repeat_Index_2, Repeat_Item_2 in enumerate(Repeat_Item, start=1):\n" in code
    assert "X=Repeat_Item_2)" in code


def test_a_menu_is_a_match_with_escaped_titles() -> None:
    code = code_of(
        marker("choosefrommenu", 0, WFMenuItems=['a "q"', "it's"], WFMenuPrompt="Pick"),
        marker("choosefrommenu", 1, WFMenuItemTitle='a "q"'),
        action("vibrate"),
        marker("choosefrommenu", 1, WFMenuItemTitle="it's"),
        marker("choosefrommenu", 2),
    )
    assert code == (
        "match choose_from_menu( WFMenuItems=['''a \"q\"''', '''it's'''], WFMenuPrompt='''Pick'''):\n"
        "    case '''a \"q\"''':\n        is_workflow_actions_vibrate()\n    case '''it's''':\n        pass\n"
    )


def test_a_title_with_variables_is_a_guard() -> None:
    bare = text("\ufffc stars", at_0=output(A))["Value"]
    code = code_of(
        ASK,
        marker("choosefrommenu", 0),
        marker("choosefrommenu", 1, WFMenuItemTitle=" stars", WFMenuItemAttributedTitle=bare),
        marker("choosefrommenu", 2),
    )
    assert "case Menu_Choice if Menu_Choice == f'''{Provided_Input} stars''':" in code


def test_the_result_of_an_if_is_set_at_the_end_of_each_branch() -> None:
    code = code_of(
        ASK,
        marker("conditional", 0, WFCondition=100),
        action("date", UUID=B),
        marker("conditional", 1),
        marker("conditional", 2, UUID=C),
        action("alert", X=reference(output(C, "If Result"))),
    )
    assert "If_Result = None\nif Provided_Input:\n    Date = " in code
    assert "    If_Result = Date\nelse:\n    If_Result = Provided_Input\n" in code


def test_the_results_of_a_loop_are_collected() -> None:
    code = code_of(
        marker("repeat.count", 0, WFRepeatCount=3),
        action("number.random", UUID=A),
        marker("repeat.count", 2, UUID=B),
        action("alert", X=reference(output(B))),
    )
    assert "Repeat_Results = []\nfor " in code
    assert "    Repeat_Results.append(Random_Number)\n" in code


def test_adding_to_a_variable_is_an_append() -> None:
    code = code_of(ASK, action("appendvariable", WFVariableName="Names", WFInput=reference(output(A))))
    assert code.startswith("Names = named_variable('''Names''')\n")
    assert code.endswith("Names.append(Provided_Input)\n")


def test_an_implicit_input_is_written_out() -> None:
    code = code_of(action("gettext", WFTextActionText="5 apples"), action("detect.number"))
    assert code == "Text = '''5 apples'''\nis_workflow_actions_detect_number( WFInput=Text)\n"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"WFDictionaryKey": "k"}, "['''k''']"),
        ({"WFGetDictionaryValueType": "All Keys"}, ".keys()"),
        ({"WFGetDictionaryValueType": "All Values"}, ".values()"),
    ],
)
def test_values_of_a_dictionary(given: dict[str, Any], expected: str) -> None:
    assert code_of(ASK, action("getvalueforkey", WFInput=reference(output(A)), **given)).endswith(
        expected + "\n"
    )


def test_a_dictionary_keeps_the_types_of_its_entries() -> None:
    def entry(kind: int, key: str, value: Any) -> dict[str, Any]:
        return {"WFItemType": kind, "WFKey": key, "WFValue": value}

    state = {"Value": True, "WFSerializationType": "WFNumberSubstitutableState"}
    items = [
        entry(0, "t", text("a")),
        entry(3, "n", text("5")),
        entry(4, "b", state),
        entry(3, "odd", text("05")),
    ]
    value = {"Value": {"WFDictionaryFieldValueItems": items}, "WFSerializationType": "WFDictionaryFieldValue"}
    code = code_of(action("dictionary", WFItems=value))
    assert code == "{'''t''': '''a''', '''n''': 5, '''b''': True, '''odd''': number('''05''')}\n"


def test_a_parameter_structure_is_a_dict_call() -> None:
    code = code_of(action("runworkflow", WFWorkflow={"workflowName": "Home", "is-self": False}))
    assert "WFWorkflow=dict(workflowName='''Home''', **{'''is-self''': False})" in code


def test_an_identifier_that_underscores_cannot_restore_is_declared() -> None:
    code = code_of(action("com.example.app-one.Do_It"))
    name = "com_example_app_one_Do_It"
    assert code == f"{name} = action('''com.example.app-one.Do_It''')\n{name}()\n"


def test_the_input_of_the_shortcut_is_declared() -> None:
    code = code_of(action("alert", X=reference({"Type": "ExtensionInput"})))
    assert code == "Shortcut_Input = shortcut_input()\nis_workflow_actions_alert( X=Shortcut_Input)\n"


def test_a_dangling_reference_is_declared() -> None:
    assert code_of(action("alert", X=reference(output(B, "Page")))).startswith(
        "Page = pending_output('''Page''')\n"
    )


def test_a_variable_used_before_it_is_set_is_declared() -> None:
    code = code_of(
        action("alert", X=reference(variable("total"))),
        action("date", UUID=A),
        action("setvariable", WFVariableName="total", WFInput=reference(output(A))),
    )
    assert code.startswith("total = named_variable('''total''')\n")
    assert undefined_names(code) == set()


@pytest.mark.parametrize("dropped", range(5))
def test_missing_markers_are_mended_and_reported(dropped: int) -> None:
    actions = [
        marker("conditional", 0, "a", WFCondition=100),
        marker("repeat.count", 0, "b", WFRepeatCount=2),
        marker("repeat.count", 2, "b"),
        marker("conditional", 1, "a"),
        marker("conditional", 2, "a"),
    ]
    del actions[dropped]
    transcription = transcribe({"WFWorkflowActions": actions})
    assert transcription.round_trip
    assert bool(transcription.repairs) == (dropped != 3)


def test_a_start_without_mode_opens_a_block() -> None:
    start = action("repeat.count", GroupingIdentifier="G", WFRepeatCount=2)
    assert code_of(start, marker("repeat.count", 2)).startswith("for Repeat_Index in range(")


def test_actions_before_the_first_case_are_kept() -> None:
    code = code_of(marker("choosefrommenu", 0), action("vibrate"), marker("choosefrommenu", 2))
    assert "case None:\n        is_workflow_actions_vibrate()" in code


def test_actions_of_a_menu_without_case_and_end_are_kept() -> None:
    code = code_of(marker("choosefrommenu", 0), action("vibrate"))
    assert "case None:\n        is_workflow_actions_vibrate()" in code


def test_nesting_beyond_python_is_refused() -> None:
    actions = [marker("repeat.count", 0, str(n), WFRepeatCount=2) for n in range(200)]
    with pytest.raises(RejectedShortcut, match="nested deeper") as refusal:
        transcribe({"WFWorkflowActions": actions})
    assert refusal.value.reason == "nested_too_deep"


def test_a_program_of_absurd_length_is_refused() -> None:
    with pytest.raises(RejectedShortcut) as refusal:
        transcribe({"WFWorkflowActions": [action("comment", WFCommentActionText="\n" * 300_000)]})
    assert refusal.value.reason == "too_many_lines"


def test_a_text_of_very_many_variables_goes_through_format() -> None:
    attachments = {f"at_{offset}": output(A) for offset in range(300)}
    code = code_of(ASK, action("gettext", WFTextActionText=text("\ufffc" * 300, **attachments)))
    assert ".format(Provided_Input, " in code


def test_ninety_nested_blocks_are_transcribed() -> None:
    actions = [marker("repeat.count", 0, str(n), WFRepeatCount=2) for n in range(90)]
    assert transcribe({"WFWorkflowActions": actions}).round_trip


def test_counts() -> None:
    done = transcribe(
        {
            "WFWorkflowActions": [
                ASK,
                marker("conditional", 0, "a", WFCondition=100),
                marker("repeat.count", 0, "b", WFRepeatCount=2),
                action("vibrate"),
                marker("repeat.count", 2, "b"),
                marker("conditional", 1, "a"),
                marker("conditional", 2, "a"),
            ]
        }
    )
    assert (done.n_actions, done.n_conditionals, done.n_loops, done.nesting_depth) == (7, 1, 1, 2)
    assert done.apis == [PREFIX + "ask", PREFIX + "vibrate"]
