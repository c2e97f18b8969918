"""What the symbolic stage finds, rule by rule."""

import pytest

from workflowbench.catalogue.shipped import builtin_catalogue
from workflowbench.quality.program_calls import CONSTRUCTS
from workflowbench.quality.program_check import check_program
from workflowbench.quality.symbol_check import check_symbols
from workflowbench.shortcuts.batch import Transcribed, transcribe_payload

FETCH = "com.example.app.fetch-page"
SPEAK = "is.workflow.actions.speaktext"
BATTERY = "is.workflow.actions.battery"
EXIT = "is.workflow.actions.exit"
ALL = (FETCH, SPEAK, BATTERY, EXIT)


@pytest.fixture
def rules(catalogue):
    """Names of the errors and warnings of a program, without those about comments and unused APIs."""

    def find(code, given=ALL, uses="any"):
        found = check_symbols(code, given, catalogue, uses=uses)
        return [finding.rule for finding in found if finding.rule != "unused_api"]

    return find


def test_a_sound_program_has_no_finding(rules):
    code = """
level = is_workflow_actions_battery()
if level < 20:
    is_workflow_actions_speaktext( WFText=f'''Only {level} percent''')
else:
    page = com_example_app_fetch_page( Address='''https://a.example''', Times=2, Method='''GET''', Keep=True)
    is_workflow_actions_speaktext( WFText=page)
"""
    assert rules(code) == []


def test_an_api_that_was_not_given_is_named_once(rules):
    code = "is_workflow_actions_battery()\nis_workflow_actions_battery()\n"
    assert rules(code, [SPEAK]).count("api_not_given") == 1


def test_an_api_that_the_catalogue_lacks_is_undocumented(rules):
    assert rules("com_acme_tool_run()\n", ["com.acme.tool.run"]) == ["undocumented_api"]


def test_constructs_are_never_given_and_always_allowed(rules):
    code = """
# '''A remark of the workflow.'''
name = input('''Who?''')
person = {'''name''': f'''{name}'''}
who = person['''name''']
keys = person.keys()
Names.append(who)
Names.append(keys)
for Repeat_Index, Repeat_Item in enumerate(Names, start=1):
    is_workflow_actions_nothing()
"""
    assert [rule for rule in rules(code, []) if rule != "undocumented_api"] == []
    assert all(CONSTRUCTS.values())


def test_the_clipboard_is_a_value_and_need_not_be_given(rules):
    assert "api_not_given" not in rules("text = is_workflow_actions_getclipboard()\n", [])
    code = "is_workflow_actions_speaktext( WFText=is_workflow_actions_getclipboard())\n"
    assert "api_not_given" not in rules(code, [SPEAK])


def test_all_given_apis_must_be_called(catalogue):
    (finding,) = check_symbols("is_workflow_actions_battery()\n", ALL, catalogue)
    assert (finding.rule, finding.threshold, finding.observed) == ("unused_api", 4, 1)
    assert "`com_example_app_fetch_page`" in finding.detail


def test_one_given_api_is_enough_if_any_will_do(catalogue):
    assert check_symbols("is_workflow_actions_battery()\n", ALL, catalogue, uses="any") == []
    (finding,) = check_symbols("'''x'''\n", ALL, catalogue, uses="any")
    assert (finding.rule, finding.threshold, finding.observed) == ("unused_api", 1, 0)


def test_given_constructs_need_not_be_called(catalogue):
    given = [BATTERY, "is.workflow.actions.setvariable", "is.workflow.actions.comment"]
    assert check_symbols("is_workflow_actions_battery()\n", given, catalogue) == []


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        ("Address='''x''', Colour='''red'''", "unknown_argument"),
        ("Address='''x''', **{'''Show-cookies2''': True}", None),
        ("Address='''x''', **{'''Odd key''': True}", "unknown_argument"),
        ("Address='''x''', **{'''Show-headers''': True}", None),
        ("Times=1", "missing_argument"),
        ("Address='''x''', Times='''two'''", "wrong_type"),
        ("Address='''x''', Times='''2'''", None),
        ("Address='''x''', Times=True", "wrong_type"),
        ("Address='''x''', Times=-2", None),
        ("Address=True", "wrong_type"),
        ("Address={'''a''': 1}", "wrong_type"),
        ("Address='''x''', Keep='''yes'''", "wrong_type"),
        ("Address='''x''', Method='''PUT'''", "illegal_value"),
        ("Address='''x''', Method='''POST'''", None),
        ("Address='''x''', Method=f'''{level}'''", None),
        ("Address=level, Method=level, Times=level, Keep=level", None),
        ("Address=ask_each_time()", None),
    ],
)
def test_arguments(rules, arguments, rule):
    code = f"""
level = is_workflow_actions_battery()
is_workflow_actions_speaktext( WFText=level)
com_example_app_fetch_page( {arguments})
"""
    assert rules(code) == ([rule] if rule else [])


def test_an_input_that_is_left_out_is_taken_from_the_action_before(rules):
    assert rules("is_workflow_actions_battery()\nis_workflow_actions_speaktext()\n") == ["implicit_input"]


def test_a_result_of_one_branch_only_is_maybe_undefined(rules):
    code = """
level = is_workflow_actions_battery()
if level < 20:
    page = com_example_app_fetch_page( Address='''x''')
is_workflow_actions_speaktext( WFText=page)
"""
    assert rules(code) == ["maybe_undefined"]


def test_a_variable_of_one_branch_only_may_be_empty(rules):
    code = """
level = is_workflow_actions_battery()
if level < 20:
    Low = level
is_workflow_actions_speaktext( WFText=Low)
"""
    assert rules(code) == ["maybe_empty"]


def test_a_branch_that_ends_the_workflow_defines_nothing_for_the_rest(rules):
    code = """
level = is_workflow_actions_battery()
if level < 20:
    is_workflow_actions_exit()
else:
    page = com_example_app_fetch_page( Address='''x''')
is_workflow_actions_speaktext( WFText=page)
"""
    assert rules(code) == []


def test_what_a_loop_collects_is_there_after_it(rules):
    code = """
for Repeat_Index in range(1, int(3) + 1):
    Rounds.append(Repeat_Index)
is_workflow_actions_speaktext( WFText=Rounds)
"""
    assert rules(code) == []


def test_each_case_of_a_menu_must_define_a_result(rules):
    menu = """
match choose_from_menu( WFMenuItems=['''A''', '''B''']):
    case '''A''':
        level = is_workflow_actions_battery()
    case '''B''':
        {other}
is_workflow_actions_speaktext( WFText=level)
"""
    assert rules(menu.format(other="level = is_workflow_actions_battery()")) == []
    assert rules(menu.format(other="is_workflow_actions_battery()")) == ["maybe_undefined"]


def test_a_name_is_reported_once(rules):
    speak = "is_workflow_actions_speaktext( WFText=gone)\n"
    assert rules(speak + "is_workflow_actions_battery()\n" + speak) == ["undefined_name"]


def test_a_result_that_never_comes(rules):
    code = "page = pending_output('''Page''')\nis_workflow_actions_speaktext( WFText=page)\n"
    assert rules(code) == ["missing_result"]


def test_a_result_that_comes_too_late(rules):
    code = """
page = pending_output('''Page''')
is_workflow_actions_speaktext( WFText=page)
page = com_example_app_fetch_page( Address='''x''')
"""
    assert rules(code) == ["maybe_undefined"]


@pytest.mark.parametrize(
    "block",
    [
        "if level:\n    pass\n",
        "if level:\n    pass\nelse:\n    pass\n",
        "for Repeat_Index in range(1, int(3) + 1):\n    pass\n",
        "match choose_from_menu( WFMenuItems=['''A''']):\n    case '''A''':\n        pass\n",
    ],
)
def test_a_block_that_does_nothing(rules, block):
    assert rules(
        f"level = is_workflow_actions_battery()\nif level:\n    is_workflow_actions_exit()\n{block}"
    ) == ["empty_block"]


def test_an_empty_branch_beside_a_full_one_is_fine(rules):
    code = (
        "level = is_workflow_actions_battery()\nif level:\n    pass\nelse:\n    is_workflow_actions_exit()\n"
    )
    assert rules(code) == []


def test_nothing_follows_the_end_of_the_workflow(rules):
    assert rules("is_workflow_actions_exit()\nis_workflow_actions_battery()\n") == ["unreachable"]


def test_nothing_follows_branches_that_all_end_the_workflow(rules):
    code = """
level = is_workflow_actions_battery()
if level:
    is_workflow_actions_exit()
else:
    is_workflow_actions_exit( WFResult=level)
is_workflow_actions_battery()
"""
    assert "unreachable" in rules(code)


def test_a_block_may_hand_on_its_result_after_the_end(rules):
    code = """
level = is_workflow_actions_battery()
If_Result = None
if level:
    is_workflow_actions_exit()
    If_Result = level
else:
    If_Result = level
is_workflow_actions_speaktext( WFText=If_Result)
"""
    assert rules(code) == []


def test_a_condition_without_a_name_is_constant(rules):
    assert rules("if '''a''' == '''a''':\n    is_workflow_actions_battery()\n") == ["constant_condition"]


def test_a_loop_of_no_rounds_is_unreachable(rules):
    assert rules("for Repeat_Index in range(1, int(0) + 1):\n    is_workflow_actions_battery()\n") == [
        "unreachable"
    ]


@pytest.mark.parametrize("title", ["A", "C"])
def test_a_case_that_nobody_can_choose(rules, title):
    code = f"""
match choose_from_menu( WFMenuItems=['''A''', '''B''']):
    case '''A''':
        is_workflow_actions_battery()
    case '''{title}''':
        is_workflow_actions_exit()
"""
    assert rules(code) == ["unreachable"]


def test_a_menu_whose_items_hold_variables_may_have_any_case(rules):
    code = """
level = is_workflow_actions_battery()
match choose_from_menu( WFMenuItems=[f'''{level}''', '''B''']):
    case '''C''':
        is_workflow_actions_exit()
"""
    assert rules(code) == []


def test_a_name_that_nothing_uses_is_a_warning(rules):
    assert rules("level = is_workflow_actions_battery()\n") == ["unused_result"]


def test_the_same_call_twice_in_a_row_is_a_warning(rules):
    assert rules("is_workflow_actions_battery()\nis_workflow_actions_battery()\n") == ["repeated_call"]


def test_a_declared_action_is_known_by_its_identifier(rules):
    code = f"fetch = action('''{FETCH}''')\nfetch( Address='''x''')\n"
    assert rules(code, [FETCH]) == []


def test_both_stages_report_an_undefined_name_once(catalogue):
    verdict = check_program("is_workflow_actions_speaktext( WFText=gone)\n", [SPEAK], catalogue)
    assert [finding.rule for finding in verdict.findings] == ["undefined_name"]


def test_the_first_error_follows_the_order_of_the_rules(catalogue):
    code = "com_example_app_fetch_page()\nis_workflow_actions_speaktext( WFText=gone)\n"
    verdict = check_program(code, ALL, catalogue)
    assert verdict.first_error.rule == "undefined_name"
    assert not verdict.passed


def test_a_program_that_does_not_compile_is_still_searched(catalogue):
    verdict = check_program("print(1)\nis_workflow_actions_battery()\n", [SPEAK], catalogue)
    assert [finding.rule for finding in verdict.findings] == ["not_our_style", "unused_api", "api_not_given"]


def test_nested_branches_as_deep_as_python_allows_are_followed(catalogue):
    code = (
        "level = is_workflow_actions_battery()\n"
        + "".join("    " * depth + "if level:\n" for depth in range(95))
        + "    " * 95
        + "is_workflow_actions_exit()\n"
    )
    assert check_program(code, [BATTERY, EXIT], catalogue).passed


def test_a_chain_of_thousands_of_branches_does_not_fail(catalogue):
    code = "x = '''a'''\nif x == 1:\n    pass\n" + "".join(f"elif x == {n}:\n    pass\n" for n in range(5000))
    assert not check_program(code, [], catalogue).passed


def test_real_workflows_pass_unless_they_are_broken(shared):
    """Of the real workflows, 90 % pass with their own APIs; the others break the rule that drops them."""
    catalogue = builtin_catalogue()
    files = sorted(path for path in (shared / "corpus" / "unsigned").iterdir() if path.is_file())
    done = [out.transcription for out in map(transcribe_payload, files) if isinstance(out, Transcribed)]
    verdicts = [check_program(one.code, one.apis, catalogue) for one in done]
    assert sum(verdict.passed for verdict in verdicts) / len(verdicts) >= 0.9
    assert all(
        verdict.reading.facts.workflow_id == one.workflow_id
        for verdict, one in zip(verdicts, done, strict=True)
    )


def test_a_variable_that_nothing_sets(rules):
    code = "who = named_variable('''Who is it''')\nis_workflow_actions_speaktext( WFText=who)\n"
    assert rules(code) == ["never_set"]


def test_a_variable_may_be_set_by_a_plain_call(rules):
    code = """
who = named_variable('''Who is it''')
is_workflow_actions_setvariable( WFVariableName='''Who is it''')
is_workflow_actions_speaktext( WFText=who)
"""
    assert rules(code) == ["undocumented_api"]


def test_a_variable_that_is_set_later_is_empty_at_first(rules):
    code = """
who = named_variable('''Who''')
is_workflow_actions_speaktext( WFText=who)
level = is_workflow_actions_battery()
who = level
"""
    assert rules(code) == ["maybe_empty"]
