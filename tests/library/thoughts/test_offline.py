import ast
import json
import plistlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.catalogue.api import Api
from workflowbench.shortcuts.canonical import workflow_id
from workflowbench.shortcuts.compilation import compile_program
from workflowbench.shortcuts.transcription import transcribe
from workflowbench.tables import ANNOTATED_WORKFLOWS, ANNOTATED_WORKFLOWS_DROPPED, TRANSCRIBED_WORKFLOWS
from workflowbench.thoughts.offline import annotate_offline
from workflowbench.thoughts.proof import same_tree_but_for_names

PROGRAM = """\
# '''Greets a person'''
Provided_Input = input('''Who are you?''')
Text = f'''Hello {Provided_Input}
and {{welcome}}'''
if Text == '''Hello''':
    is_workflow_actions_notification( WFNotificationActionBody=f'''{Text}''')
"""

Frame = Callable[..., pl.DataFrame]
Row = Callable[..., dict[str, Any]]


def test_a_program_is_annotated(transcribed: Frame, catalogue: Mapping[str, Api]):
    annotated, dropped = annotate_offline(transcribed(PROGRAM), catalogue)
    assert dropped.is_empty()
    assert (
        annotated["code"].item()
        == """\
# '''Greets a person'''
# Asks for input: 'Who are you?'
answer = input('''Who are you?''')
# Composes the text 'Hello {answer} and {welcome}'
hello_text = f'''Hello {answer}
and {{welcome}}'''
# If hello_text is 'Hello'
if hello_text == '''Hello''':
    # Shows a notification: hello_text
    is_workflow_actions_notification( WFNotificationActionBody=f'''{hello_text}''')
"""
    )


def test_the_renaming_is_recorded_and_proven(transcribed: Frame, catalogue: Mapping[str, Api]):
    row = annotate_offline(transcribed(PROGRAM), catalogue)[0].row(0, named=True)
    renamed = json.loads(row["renamed"])
    assert renamed == {"Provided_Input": "answer", "Text": "hello_text"}
    assert row["same_tree"]
    assert same_tree_but_for_names(PROGRAM, row["code"], renamed)


def test_a_row_says_who_annotated_it_and_keeps_its_first_category(
    transcribed_row: Row, catalogue: Mapping[str, Api]
):
    rows = [
        transcribed_row("x = y\n", raw_id="a", categories=["Games", "Kids"]),
        transcribed_row("x = y\n", raw_id="b", categories=[]),
    ]
    annotated, _ = annotate_offline(TRANSCRIBED_WORKFLOWS.frame(rows), catalogue)
    assert annotated["category"].to_list() == ["Games", "Uncategorised"]
    assert annotated["annotator"].unique().to_list() == ["offline"]


@pytest.mark.parametrize(("code", "rule"), [("x = (", "does_not_parse"), ("x = '\0'", "does_not_parse")])
def test_a_program_that_does_not_parse_is_dropped(
    code: str, rule: str, transcribed: Frame, catalogue: Mapping[str, Api]
):
    annotated, dropped = annotate_offline(transcribed(code, "x = y\n"), catalogue)
    assert annotated.height == 1
    assert dropped.select("row_id", "stage", "rule").row(0) == ("raw-0", "annotated_workflows", rule)


def test_a_program_that_cannot_be_renamed_safely_is_dropped(transcribed: Frame, catalogue: Mapping[str, Api]):
    _, dropped = annotate_offline(transcribed("Text = '''a'''\nx = f'''{Text:>5}'''\n"), catalogue)
    assert dropped["rule"].to_list() == ["different_tree"]


def test_a_value_that_is_nested_too_deeply_costs_its_own_row(
    transcribed: Frame, catalogue: Mapping[str, Api]
):
    annotated, dropped = annotate_offline(transcribed(f"x = a{'.b' * 2000}\n", "x = y\n"), catalogue)
    assert annotated["raw_id"].to_list() == ["raw-1"]
    assert dropped["rule"].to_list() == ["too_deep"]


def test_tables_have_their_schema_even_when_empty(transcribed: Frame, catalogue: Mapping[str, Api]):
    annotated, dropped = annotate_offline(transcribed(), catalogue)
    assert annotated.schema == ANNOTATED_WORKFLOWS.schema
    assert dropped.schema == ANNOTATED_WORKFLOWS_DROPPED.schema


def test_the_plan_tells_whether_the_workflow_takes_an_input(transcribed: Frame, catalogue: Mapping[str, Api]):
    rows = transcribed("x = Shortcut_Input\n", "x = '''Shortcut_Input'''\n")
    plans = annotate_offline(rows, catalogue)[0]["task_plan"]
    assert ["with the input that it is given" in plan for plan in plans] == [True, False]


def test_the_order_of_rows_does_not_matter(transcribed: Frame, catalogue: Mapping[str, Api]):
    rows = transcribed(PROGRAM, "x = (", "Total = x\n", "")
    for one, other in zip(
        annotate_offline(rows, catalogue), annotate_offline(rows.reverse(), catalogue), strict=True
    ):
        assert one.equals(other)


NAMES = st.sampled_from(["Text", "Text_2", "URL", "Total", "Shortcut_Input", "settings"])
TEXTS = st.text(max_size=12).map(lambda text: repr(text)[1:-1].replace("'", "\\'"))


def assignments() -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{} = '''{}'''".format, NAMES, TEXTS),
        st.builds("{} = f'''{{{}}}\n{{ {}[\"k\"] }}'''".format, NAMES, NAMES, NAMES),
        st.builds("{} = is_workflow_actions_url( WFURLActionURL={})".format, NAMES, NAMES),
        st.builds("{} = {}".format, NAMES, NAMES),
        st.builds("{}.append({})".format, NAMES, NAMES),
        st.builds("# '''{}'''\npass".format, TEXTS),
    )


def block(head: str, body: list[str]) -> str:
    lines = [f"    {line}" for statement in body for line in statement.split("\n")]
    return "\n".join([head, *lines])


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    heads = st.sampled_from(["if Total:", "for Repeat_Index in range(1, 3):"])
    return st.builds(block, heads, st.lists(inner, min_size=1, max_size=3))


@given(st.lists(st.recursive(assignments(), blocks, max_leaves=8), max_size=6))
def test_any_program_keeps_its_tree_and_gets_a_comment_per_statement(
    catalogue: Mapping[str, Api], transcribed: Frame, statements: list[str]
):
    program = "\n".join(statements) + "\n"
    annotated, dropped = annotate_offline(transcribed(program), catalogue)
    assert dropped.is_empty()
    code = annotated["code"].item()
    lines = code.split("\n")
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.stmt):
            above = lines[node.lineno - 2]
            assert above.startswith(" " * node.col_offset + "# ")
            assert not above.lstrip().startswith("# '''")


def test_real_workflows_keep_their_tree_and_their_id(
    shared: Path, transcribed_row: Row, catalogue: Mapping[str, Api]
):
    rows = []
    for path in sorted((shared / "corpus" / "unsigned").iterdir())[::5]:
        transcription = transcribe(plistlib.loads(path.read_bytes()))
        code, variables = transcription.code, json.dumps(transcription.variables)
        columns = {"raw_id": path.name, "workflow_id": transcription.workflow_id, "variables": variables}
        rows.append(transcribed_row(code, **columns))
    annotated, dropped = annotate_offline(TRANSCRIBED_WORKFLOWS.frame(rows), catalogue)
    assert dropped.is_empty()
    changed = [
        row["raw_id"]
        for row in annotated.iter_rows(named=True)
        if workflow_id(compile_program(row["code"])) != row["workflow_id"]
    ]
    assert changed == []
