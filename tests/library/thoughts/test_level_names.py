import json
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import pytest
from scripted_model import ScriptedModel, level_of, section, sensible

from workflowbench.catalogue.api import Api
from workflowbench.llm.questions import Question
from workflowbench.thoughts.with_model import annotate_with_model

Catalogue = Mapping[str, Api]
Frame = Callable[..., pl.DataFrame]

PROGRAM = """\
Text = '''a'''
Text_2 = '''b'''
Total = Text
chosen = '''c'''
url_helper = action('''com.example.url''')
weather = Text_2
"""


def answering(names: dict[str, str]) -> ScriptedModel:
    return ScriptedModel(lambda question, _: names if level_of(question) == "names" else sensible(question))


def faults_of(names: dict[str, str], frame: pl.DataFrame, catalogue: Catalogue) -> list[str]:
    return annotate_with_model(frame, catalogue, answering(names))[1]["detail"].to_list()


def test_only_results_with_generic_names_are_asked_about(transcribed: Frame, catalogue: Catalogue):
    model = answering({"1": "first_letter", "2": "second_letter"})
    annotated, _ = annotate_with_model(transcribed(PROGRAM), catalogue, model)
    assert json.loads(annotated["renamed"].item()) == {"Text": "first_letter", "Text_2": "second_letter"}


def test_a_result_is_shown_where_it_is_made_and_used(transcribed: Frame, catalogue: Catalogue):
    model = answering({"1": "first_letter", "2": "second_letter"})
    annotate_with_model(transcribed(PROGRAM), catalogue, model)
    assert section(model.asked[0], "results").splitlines()[:3] == [
        "1. Text",
        "   Text = '''a'''",
        "   Total = Text",
    ]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("First", "is not lower_case_with_underscores"),
        ("first letter", "is not lower_case_with_underscores"),
        ("erster_wörter", "is not lower_case_with_underscores"),
        ("x" * 41, "is not lower_case_with_underscores"),
        ("class", "is a reserved word"),
        ("match", "is a reserved word"),
        ("print", "is a reserved word"),
        ("file", "is a reserved word"),
        ("is_workflow_actions_url", "is a reserved word"),
        ("weather", "is a name of the program already"),
        ("url_helper", "is a name of the program already"),
        ("second", "is given to several results"),
        ("text", "says nothing of this result"),
        ("result_3", "says nothing of this result"),
        ("second_2", "says nothing of this result"),
        ("weather_2", "says nothing of this result"),
    ],
)
def test_a_name_with_a_fault_is_refused(name: str, fault: str, transcribed: Frame, catalogue: Catalogue):
    (detail,) = faults_of({"1": name, "2": "second"}, transcribed(PROGRAM), catalogue)
    assert detail.startswith("1 (Text): ")
    assert fault in detail


def test_a_name_that_the_shortcut_records_is_refused(
    transcribed_row: Callable[..., dict[str, Any]], catalogue: Catalogue, transcribed: Frame
):
    frame = transcribed(PROGRAM).with_columns(variables=pl.lit(json.dumps({"harbour": "Harbour"})))
    (detail,) = faults_of({"1": "harbour", "2": "second"}, frame, catalogue)
    assert "is a name of the program already" in detail


def test_equal_names_of_two_windows_are_told_apart_by_a_number(transcribed: Frame, catalogue: Catalogue):
    def script(question: Question, fault: str | None) -> Any:
        return {"1": "letter"} if level_of(question) == "names" else sensible(question)

    model = ScriptedModel(script)
    annotated, _ = annotate_with_model(transcribed(PROGRAM), catalogue, model, window=1)
    assert json.loads(annotated["renamed"].item()) == {"Text": "letter", "Text_2": "letter_2"}
