import ast
from collections.abc import Callable, Mapping

import pytest

from workflowbench.catalogue.api import Api
from workflowbench.thoughts.comments import with_comments
from workflowbench.thoughts.vocabulary import read_vocabulary

Annotate = Callable[[str], str]


@pytest.fixture
def annotate(catalogue: Mapping[str, Api]) -> Annotate:
    by_function = {api.function: api for api in catalogue.values()}

    def run(code: str) -> str:
        tree = ast.parse(code)
        return with_comments(code, tree, read_vocabulary(tree, catalogue, by_function))

    return run


@pytest.mark.parametrize(
    ("statement", "comment"),
    [
        (
            "x = input('''How many people?''', WFInputType='''Number''')",
            "Asks for a number: 'How many people?'",
        ),
        ("x = input('''''')", "Asks for input"),
        ("x = input('''When?''', WFInputType='''Date''')", "Asks for a date: 'When?'"),
        ("x = '''Hello'''", "Takes the text 'Hello'"),
        ("x = f'''Hello {person}'''", "Composes the text 'Hello {person}'"),
        ("x = '''Hello {}'''.format(f'''{a}''')", "Composes the text 'Hello {}'"),
        ("x = settings['''unit''']", "Gets the value for 'unit' from settings"),
        ("x = settings.keys()", "Gets all keys of settings"),
        (
            "x = {'''a''': 1, '''b''': 2, '''c''': 3, '''d''': 4}",
            "Makes a dictionary with 'a', 'b', 'c' and 1 more",
        ),
        ("Total = amount", "Sets Total to amount"),
        ("Total = amount.Name", "Sets Total to Name of amount"),
        ('Total = get_property(amount, "File Size")', "Sets Total to File Size of amount"),
        ('Total = coerce_variable(value=a, coercion_class="WFURLContentItem")', "Sets Total to a as URL"),
        ("Total = datetime.datetime.now()", "Sets Total to the current date"),
        ("Names.append(person)", "Adds person to Names"),
        ("x = named_variable('''User ID''')", "Declares the variable 'User ID', known here as x"),
        ("x = action('''com.example.do-it''')", "Declares the action com.example.do-it"),
        ("x = pending_output('''Page''')", "Declares x, the result of a later step"),
        (
            "is_workflow_actions_lowpowermode_set( OnValue=True, operation='''set''')",
            "Turns Low Power Mode on or off: on value on, operation 'set'",
        ),
        (
            "is_workflow_actions_notification( WFNotificationActionBody='''Hi''')",
            "Shows a notification: 'Hi'",
        ),
        (
            "is_workflow_actions_notification( WFNotificationActionBody=x, WFNotificationActionTitle=t)",
            "Shows a notification: body x, title t",
        ),
        (
            "is_workflow_actions_downloadurl( WFHTTPMethod='''GET''', WFURL=u)",
            "Makes an HTTP request: URL u, method 'GET'",
        ),
        (
            "is_workflow_actions_notification( ShowWhenRun=False, WFNotificationActionBody='''''')",
            "Shows a notification",
        ),
        (
            "is_workflow_actions_notification( WFNotificationActionBody=is_workflow_actions_getclipboard())",
            "Shows a notification: the clipboard",
        ),
        (
            "is_workflow_actions_notification( WFNotificationActionBody=ask_each_time())",
            "Shows a notification: a value asked for each time",
        ),
        ("f( WFContentItemFilter=serialized('''WFTable''', x))", "Runs the action f"),
        ("x = is_workflow_actions_url( WFURLActionURL=page)", "Takes the web address page"),
        ("x = is_workflow_actions_number( WFNumberActionNumber=67.0)", "Takes the number 67"),
        ("x = is_workflow_actions_getvariable( WFVariable=y)", "Takes the value of y"),
        ("x = is_workflow_actions_math( WFInput=y, WFMathOperand=2.0)", "Calculates y + 2"),
        (
            "x = is_workflow_actions_math( WFInput=y, WFMathOperand=z, WFMathOperation='''-''')",
            "Calculates y - z",
        ),
        (
            (
                "x = is_workflow_actions_math( WFInput=y, WFMathOperation='''…''', WFScientificMathOperand=7,"
                " WFScientificMathOperation='''Modulus''')"
            ),
            "Calculates the remainder of y divided by 7",
        ),
        ("x = ''''''", "Takes an empty text"),
        ("age = named_variable('''age''')", "Declares the variable age"),
        ("com_other_thing( **{'''Show-x''': True, '''a-b''': 5})", "Runs the action com other thing: 5"),
    ],
)
def test_a_comment_tells_what_a_statement_does(statement: str, comment: str, annotate: Annotate):
    assert annotate(statement + "\n") == f"# {comment}\n{statement}\n"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("amount > 100", "amount is greater than 100"),
        ("amount == '''x'''", "amount is 'x'"),
        ("'''x''' not in names", "names does not contain 'x'"),
        ("name.startswith('''x''')", "name begins with 'x'"),
        ("not name", "name has no value"),
        ("name", "name has any value"),
        ("1 <= amount <= 5", "amount is between 1 and 5"),
        ("due <= get_future_time(2, '''days''')", "due is in the next 2 days"),
        ("due >= get_recent_time(2, '''days''')", "due is in the last 2 days"),
        ("is_today(due)", "due is today"),
        ("a > 1 and b < 2", "a is greater than 1 and b is less than 2"),
        ("condition(a == 1, WFX=True)", "a is 1"),
        ("legacy_comparison(a == 1.0)", "a is 1"),
        ("compare(a, 7)", "a passes a comparison"),
    ],
)
def test_a_condition_is_told_in_words(condition: str, words: str, annotate: Annotate):
    assert annotate(f"if {condition}:\n    pass\n").startswith(f"# If {words}\n")


@pytest.mark.parametrize(
    ("head", "comment"),
    [
        ("for Repeat_Index in range(1, int(n) + 1):", "Repeats n times"),
        ("for Repeat_Index in range(1, 6):", "Repeats 5 times"),
        ("for Repeat_Index, Repeat_Item in enumerate(names, start=1):", "For each item of names"),
    ],
)
def test_a_loop_is_told_in_words(head: str, comment: str, annotate: Annotate):
    assert annotate(f"{head}\n    pass\n") == f"# {comment}\n{head}\n    # Does nothing here\n    pass\n"


def test_the_first_statement_of_a_branch_names_the_branch(annotate: Annotate):
    code = """\
match choose_from_menu( WFMenuItems=['''A'''], WFMenuPrompt='''Which?'''):
    case '''A''':
        if x:
            y = z
        else:
            z = y
    case Menu_Choice if Menu_Choice == f'''{x} stars''':
        pass
"""
    assert (
        annotate(code)
        == """\
# Lets the person choose from a menu: 'Which?' ('A')
match choose_from_menu( WFMenuItems=['''A'''], WFMenuPrompt='''Which?'''):
    case '''A''':
        # When 'A' is chosen, if x has any value
        if x:
            # Sets y to z
            y = z
        else:
            # Otherwise, sets z to y
            z = y
    case Menu_Choice if Menu_Choice == f'''{x} stars''':
        # When '{x} stars' is chosen, does nothing here
        pass
"""
    )


def test_the_result_of_a_block_is_told_as_such(annotate: Annotate):
    annotated = annotate("R = []\nfor i in range(1, 3):\n    R.append(i)\n")
    assert annotated.startswith("# Starts R as an empty list\n")
    assert "    # Collects i in R\n" in annotated


def test_text_over_several_lines_is_not_touched(annotate: Annotate):
    code = "x = '''a\n# b\ny = 1\n'''\nz = x\n"
    annotated = annotate(code)
    assert annotated == "# Takes the text 'a # b y = 1'\nx = '''a\n# b\ny = 1\n'''\n# Sets z to x\nz = x\n"


def test_comment_actions_stay_byte_for_byte(annotate: Annotate):
    code = "# '''Made by me\n# in 2024'''\nx = y\nif x:\n    # '''inside'''\n    pass\n# '''end'''\n"
    annotated = annotate(code)
    kept = [line for line in annotated.split("\n") if line in code.split("\n")]
    assert "\n".join(kept) == code


def test_no_added_comment_looks_like_a_comment_action(annotate: Annotate):
    code = "'''''' \n\"\"\"'''x\"\"\"\nx = \"'''y\"\n'''a''' > b\n"
    added = [line for line in annotate(code).split("\n") if line.startswith("#")]
    assert len(added) == 4
    assert not any(line.lstrip("# ").startswith("'''") for line in added)


def test_a_statement_after_another_on_its_line_takes_no_comment(annotate: Annotate):
    code = "x = '''a\nb'''; y = x\n"
    assert annotate(code) == f"# Takes the text 'a b'\n{code}"


def test_a_program_without_a_last_newline_keeps_its_end(annotate: Annotate):
    assert annotate("x = y") == "# Sets x to y\nx = y"
