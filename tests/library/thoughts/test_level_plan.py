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
Total = x
if Total == '''a''':
    is_workflow_actions_notification( WFNotificationActionBody=Total)
for Repeat_Index in range(1, 4):
    Total = y
"""


def refusal(steps: list[dict[str, Any]], frame: pl.DataFrame, catalogue: Catalogue) -> str:
    """What is wrong with a plan; empty if nothing is."""

    def script(question: Question, fault: str | None) -> Any:
        match level_of(question):
            case "plan":
                return {"steps": steps}
            case "comments":
                return {str(number): f"Carries on with part {'abcde'[number - 1]}" for number in range(1, 6)}
            case _:
                return sensible(question)

    _, dropped = annotate_with_model(frame, catalogue, ScriptedModel(script))
    return next((row["detail"] for row in dropped.to_dicts() if row["rule"].startswith("plan_")), "")


def step(title: str, last: int, *details: str) -> dict[str, Any]:
    return {"title": title, "details": list(details), "last": last}


@pytest.mark.parametrize(
    "steps",
    [
        [step("Do it all, if wanted, and repeat that", 5)],
        [step("Take the total", 1), step("If it is a, notify", 3), step("Repeat the rest", 5)],
        [step("Show a notification", 5, "Otherwise carry on", "Three times: loop over the total")],
    ],
)
def test_a_plan_that_divides_the_program_is_taken(
    steps: list[dict[str, Any]], transcribed: Frame, catalogue: Catalogue
):
    assert refusal(steps, transcribed(PROGRAM), catalogue) == ""


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ([], "0 entries"),
        ([step("Take it", 1)], "the last entry ends with 1, the list with 5"),
        ([step("Take it", 3), step("Go on", 3), step("End", 5)], "must be greater than the one before"),
        ([step("Take it", 6)], "no entry can end with 6"),
        ([step("", 5)], "1 has an empty text"),
        ([step("Take it", 5, "")], "1 has an empty text"),
        ([step("Take\nit", 5)], "1 has a text that is not one line"),
        ([step("a" * 101, 5)], "1 is too long"),
        ([step("Take it", 5, *["more"] * 11)], "1 has more than 10 details"),
        ([step("Set is_workflow_actions_url", 5)], "1 names code: is_workflow_actions_url"),
        ([step("Keep my_total", 5)], "1 names code: my_total"),
        ([step("Call show(total)", 5)], "1 names code: show(total)"),
        ([step("Write Python", 5)], "1 names code: Python"),
        ([step("Send an email", 5)], "1 speaks of what the workflow lacks: email"),
        ([step("Show a menu", 5)], "1 speaks of what the workflow lacks: menu"),
        ([step("If wanted, take it", 1), step("Go on", 5)], "1 speaks of what the workflow lacks: If"),
        ([step("Repeat it", 3), step("Go on", 5)], "1 speaks of what the workflow lacks: Repeat"),
    ],
)
def test_a_plan_with_a_fault_is_refused(
    steps: list[dict[str, Any]], fault: str, transcribed: Frame, catalogue: Catalogue
):
    assert fault in refusal(steps, transcribed(PROGRAM), catalogue)


def test_the_plan_of_a_long_program_ends_its_steps_where_parts_end(transcribed: Frame, catalogue: Catalogue):
    faults = []

    def script(question: Question, fault: str | None) -> Any:
        faults.append(fault)
        if level_of(question) == "parts":
            last = int(section(question, "comments").splitlines()[-1].split(" | ")[0])
            return {"parts": [{"text": "Keeps totals", "last": last}]}
        if level_of(question) == "plan":
            return {"steps": [step("Keep totals", 5 if fault is None else 6), step("Go on", 8)]}
        return sensible(question)

    program = "".join(f"Total_{number} = x\n" for number in range(8))
    annotated, _ = annotate_with_model(transcribed(program), catalogue, ScriptedModel(script), window=1)
    assert "no entry can end with 5, which is no number of the list" in faults
    assert annotated.height == 1
