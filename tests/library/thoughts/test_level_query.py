from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import pytest
from scripted_model import ScriptedModel, level_of, sensible

from workflowbench.catalogue.api import Api
from workflowbench.llm.questions import Question
from workflowbench.thoughts.with_model import annotate_with_model

Catalogue = Mapping[str, Api]
Frame = Callable[..., pl.DataFrame]

PROGRAM = """\
url = is_workflow_actions_url( WFURLActionURL='''https://example.com''')
page = is_workflow_actions_downloadurl( WFURL=url)
is_workflow_actions_notification( WFNotificationActionBody=page)
"""
COMMENTS = {
    "1": "Points to the train timetable.",
    "2": "Fetches the departures.",
    "3": "Shows them in a notification.",
}


def refusal(query: str, frame: pl.DataFrame, catalogue: Catalogue) -> str:
    """What is wrong with a query; empty if nothing is."""

    def script(question: Question, fault: str | None) -> Any:
        match level_of(question):
            case "query":
                return {"query": query}
            case "comments":
                return COMMENTS
            case _:
                return sensible(question)

    _, dropped = annotate_with_model(frame, catalogue, ScriptedModel(script), names=False)
    assert set(dropped["rule"]) <= {"query_wrong_content"}
    return dropped["detail"].item() if dropped.height else ""


@pytest.mark.parametrize(
    "query",
    [
        "How can I get the next departures of my train as a notification?",
        "Please look up the timetable and notify me of the next departures.",
        "Could you watch the timetable of my train? Tell me when departures change.",
    ],
)
def test_a_question_or_request_for_the_main_actions_is_taken(
    query: str, transcribed: Frame, catalogue: Catalogue
):
    assert refusal(query, transcribed(PROGRAM), catalogue) == ""


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("Timetable departures?", "must have 6 to 120 words"),
        ("Could you " + "please " * 120 + "notify me of departures?", "must have 6 to 120 words"),
        ("Could you get the timetable\nand the departures as notification?", "is not one line"),
        ("The timetable is fetched and the departures are shown.", "must be a question or a request"),
        ("Could you get the timetable and show me its departures in Python?", "names code: Python"),
        (
            "Could you use is.workflow.actions.downloadurl for the timetable and notify me?",
            "names code: is.workflow.actions.downloadurl",
        ),
        ("Could you get the timetable by downloadurl(page) and notify me?", "names code: downloadurl(page)"),
        ("Could you play me the departures of the timetable as a song?", "workflow lacks: song"),
        (
            "Could you do whatever seems best to you this morning?",
            "does not ask for: Fetches the departures.",
        ),
    ],
)
def test_a_query_with_a_fault_is_refused(query: str, fault: str, transcribed: Frame, catalogue: Catalogue):
    assert fault in refusal(query, transcribed(PROGRAM), catalogue)
