import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from workflowbench.thoughts.levels.claims import (
    Grounds,
    code_words,
    prose_fault,
    subjects_in,
    unfounded_claims,
)

NOTHING = Grounds(frozenset(), has_condition=False, has_repetition=False, has_menu=False)
EVERYTHING = Grounds(frozenset(range(100)), has_condition=True, has_repetition=True, has_menu=True)


@pytest.mark.parametrize(
    "text",
    [
        "Reads the page at example.com and keeps 3.5 percent.",
        "Writes to <EMAIL_1> and <PERSON_2>.",
        "Takes the total (in euros) and definitely rounds it.",
        "Opens the iCloud folder, e.g. for photos.",
    ],
)
def test_plain_words_are_no_code(text: str):
    assert code_words(text) == []


@pytest.mark.parametrize(
    "text", ["snake_case", "f(x)", "f()", "WFInput", "com.apple.mobilenotes", "python", "elif"]
)
def test_words_of_code_are_found(text: str):
    assert code_words(f"It uses {text} twice, {text}.") == [text]


def test_a_claim_needs_a_word_of_its_subject():
    assert unfounded_claims("Emails the photos to a contact.", NOTHING) == ["emails", "photos", "contact"]
    grounds = Grounds(subjects_in(["f( mailbody=x)", "the camera"]), False, False, False)
    assert unfounded_claims("Emails the photos to a contact.", grounds) == ["contact"]


@pytest.mark.parametrize(
    "text", ["If so, stop", "Stops unless wanted", "Repeats it", "For each line", "A menu"]
)
def test_control_flow_needs_a_block(text: str):
    assert unfounded_claims(text, NOTHING)
    assert not unfounded_claims(text, EVERYTHING)


def test_texts_without_fault_have_none():
    assert prose_fault(["Keeps the total", "Adds one"], NOTHING) == ""


def _grounds(code: str) -> Grounds:
    has_match = "match " in code
    return Grounds(
        subjects_in([code]), "if " in code or has_match, "for " in code, has_match or "menu" in code.lower()
    )


def test_plans_that_people_published_are_founded_on_their_own_code_only(shared: Path):
    samples: list[dict[str, Any]] = json.loads((shared / "data" / "data_samples.json").read_text())
    plans = [(sample["task_plan"], _grounds(sample["annotated_code"])) for sample in samples]
    own = sum(bool(unfounded_claims(plan, grounds)) for plan, grounds in plans)
    pairs = list(permutations(plans, 2))
    foreign = sum(bool(unfounded_claims(plan, grounds)) for (plan, _), (_, grounds) in pairs)
    assert own <= 1
    assert foreign >= 0.75 * len(pairs)
