"""Comments that explain: which statements lack one, how they are completed, and what is taken away."""

import ast

from workflowbench.quality.format_check import read_program
from workflowbench.quality.statement_comments import complete_comments, uncommented_lines, without_comments

PARTLY = """\
# '''An action of
# the workflow'''
level = is_workflow_actions_battery()
# Speaks of it.
if level < 20:
    text = '''two
# no comment
lines'''
    # '''Another action'''
else:
    # Ends the workflow.
    is_workflow_actions_exit()
"""


def test_a_comment_action_explains_nothing():
    assert uncommented_lines(PARTLY, ast.parse(PARTLY)) == [3, 6]


def test_only_statements_without_a_comment_get_one(catalogue):
    done = complete_comments(PARTLY, ast.parse(PARTLY), catalogue, catalogue.by_function)
    added = [line for line in done.split("\n") if line not in PARTLY.split("\n")]
    assert len(added) == 2
    assert all(line.lstrip().startswith("# ") for line in added)
    assert uncommented_lines(done, ast.parse(done)) == []
    assert [line for line in done.split("\n") if line not in added] == PARTLY.split("\n")


def test_completion_changes_no_action(catalogue):
    done = complete_comments(PARTLY, ast.parse(PARTLY), catalogue, catalogue.by_function)
    assert read_program(done).facts == read_program(PARTLY).facts


def test_completing_twice_changes_nothing(catalogue):
    once = complete_comments(PARTLY, ast.parse(PARTLY), catalogue, catalogue.by_function)
    assert complete_comments(once, ast.parse(once), catalogue, catalogue.by_function) == once


def test_only_explanations_are_taken_away():
    bare = without_comments(PARTLY, ast.parse(PARTLY))
    assert "Speaks of it" not in bare
    assert "Ends the workflow" not in bare
    assert read_program(bare).facts == read_program(PARTLY).facts


def test_lines_may_end_as_on_windows(catalogue):
    code = PARTLY.replace("\n", "\r\n")
    assert uncommented_lines(code, ast.parse(code)) == [3, 6]
    done = complete_comments(code, ast.parse(code), catalogue, catalogue.by_function)
    assert read_program(done).facts == read_program(code).facts
