import pytest

from workflowbench.thoughts.query import query_for, usable_purpose, usable_title


@pytest.mark.parametrize(
    "title",
    [
        "",
        "  ",
        "Untitled",
        "Shortcut 3",
        "new shortcut",
        "New Shortcut 12",
        "…",
        "is.workflow.actions.url",
        "is_workflow_actions_url",
        "My Python helper",
    ],
)
def test_a_title_that_says_nothing_or_names_an_api_is_not_used(title: str):
    assert usable_title(title) == ""


@pytest.mark.parametrize(
    ("title", "used"),
    [
        ("Downloader v1.2.3", "Downloader v1.2.3"),
        ("my_water_log", "my water log"),
        ('The "best"\n one', "The 'best' one"),
    ],
)
def test_a_title_is_put_on_one_line(title: str, used: str):
    assert usable_title(title) == used


@pytest.mark.parametrize(
    ("description", "purpose"),
    [
        ("This shortcut lets you log your water. Version 2.", "log your water"),
        ("A simple shortcut to resize your photos", "resize your photos"),
        ("Log my water! See https://example.com/a?b=1 for more", "log my water; see for more"),
        ("Calls is.workflow.actions.url for you. Opens the weather page", "opens the weather page"),
        ("Runs some Python code here", ""),
        ("This shortcut logs your water.", "logs your water"),
        ("获取今天的天气预报。需要", "获取今天的天气预报"),
        ("Rolls a die. Made by a friend of mine. v2.0 - fixed bugs", "rolls a die"),
        ("Rolls a die.\nChangelog:\nIt also rolls two dice", "rolls a die"),
        ("short", ""),
        (None, ""),
        ("First you choose a photo.\nThen you share it.", "first you choose a photo; then you share it"),
    ],
)
def test_a_description_becomes_a_purpose(description: str | None, purpose: str):
    assert usable_purpose(description) == purpose


def test_a_long_description_is_cut_at_a_sentence():
    purpose = usable_purpose("You can log your water here. " * 40)
    assert 200 < len(purpose) <= 320
    assert purpose.endswith("you can log your water here")


def test_a_query_asks_for_title_and_purpose():
    query = query_for("id", "Water log", "This shortcut lets you log your water.", [])
    assert '"Water log"' in query
    assert "log your water" in query
    assert "?" in query


def test_without_a_description_the_main_actions_are_asked_for():
    query = query_for("id", "Untitled", None, ["Asks for a number", "Shows a notification"])
    assert "asks for a number and then shows a notification" in query


def test_an_action_is_asked_for_up_to_its_first_comma():
    actions = ["Turns it on or off, or toggles it", "Asks for input: 'Yes, or no?'"]
    assert "turns it on or off and then asks for input: 'Yes, or no?'" in query_for("id", "", None, actions)


def test_there_is_always_a_query():
    assert "?" in query_for("id", "", None, [])


def test_the_wording_depends_on_the_workflow_alone():
    wordings = {query_for(f"id-{number}", "A", None, []) for number in range(40)}
    assert len(wordings) == 4
    assert query_for("id-1", "A", None, []) == query_for("id-1", "A", None, [])


def test_braces_in_a_title_are_text():
    assert '"{0} {purpose}"' in query_for("id", "{0} {purpose}", None, [])
