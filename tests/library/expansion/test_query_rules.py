import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.catalogue import Catalogue
from workflowbench.expansion.api_names import ApiNames
from workflowbench.expansion.query_rules import fault_of, latin_share, unreflected

GOOD = "How can I fetch the contents of a page every morning and then show them to me in a notification?"
DOWNLOAD, NOTIFY = "is.workflow.actions.downloadurl", "is.workflow.actions.notification"


@pytest.fixture(scope="module")
def names(catalogue: Catalogue) -> ApiNames:
    return ApiNames(catalogue.values())


@pytest.mark.parametrize(
    "named",
    [
        "is.workflow.actions.downloadurl",
        "is_workflow_actions_downloadurl",
        "IS.WORKFLOW.ACTIONS.ALERT",
        "is_workflow_actions_of_tomorrow",
        "com.brogrammers.charty.AddAverageIntent",
        "AddAverageIntent",
        "AddAverage",
        "downloadurl",
        "setclipboard",
    ],
)
def test_an_api_is_named_in_any_spelling(names: ApiNames, named: str) -> None:
    assert names.found_in(f"Please use ({named}), then stop.") == named


@pytest.mark.parametrize(
    "text",
    [
        "Show an alert with the date, share the list and open the URL in OmniFocus.",
        "Turn AssistiveTouch off and upload it to CloudApp through GizmoPack at 10.30.2024.",
        "An e-mail to a-Shell users, e.g. at example.com.",
    ],
)
def test_plain_words_and_names_of_apps_name_no_api(names: ApiNames, text: str) -> None:
    assert names.found_in(text) is None


def test_no_description_of_the_catalogue_names_an_api(catalogue: Catalogue, names: ApiNames) -> None:
    assert [api.description for api in catalogue.values() if names.found_in(api.description)] == []


@given(st.text())
def test_any_text_can_be_looked_through(text: str) -> None:
    found = ApiNames([]).found_in(text)
    assert found is None or "workflow" in found.lower()


def test_a_query_that_keeps_every_rule_has_no_fault(catalogue: Catalogue, names: ApiNames) -> None:
    assert fault_of(GOOD, [catalogue[DOWNLOAD], catalogue[NOTIFY]], names) is None


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("Show a page.", "too_short"),
        (GOOD + " again" * 100, "too_long"),
        ("请在每天早上 获取 网页 内容 然后 用 通知 显示 给 我 谢谢", "wrong_language"),
        (GOOD + " Use downloadurl.", "names_an_api"),
        ("Please remind my neighbours about the party on the lawn tonight.", "api_not_needed"),
    ],
)
def test_a_broken_rule_is_told(catalogue: Catalogue, names: ApiNames, query: str, rule: str) -> None:
    fault = fault_of(query, [catalogue[DOWNLOAD], catalogue[NOTIFY]], names)
    assert fault is not None
    assert fault.rule == rule


def test_an_api_whose_use_is_not_told_is_a_fault(catalogue: Catalogue, names: ApiNames) -> None:
    fault = fault_of(GOOD, [catalogue[NOTIFY]], names, {NOTIFY: " "})
    assert fault is not None
    assert fault.rule == "use_not_told"


def test_an_api_is_reflected_by_what_it_is_used_for(catalogue: Catalogue) -> None:
    apis = [catalogue[DOWNLOAD]]
    assert unreflected("How warm will the morning be?", apis) == apis
    assert unreflected("How warm will the morning be?", apis, {DOWNLOAD: "asks how warm it gets"}) == []


def test_a_text_without_letters_is_not_latin() -> None:
    assert latin_share("123 …") == 0
