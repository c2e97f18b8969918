from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from workflowbench_dagster.checks.data_docs import data_docs_page, found
from workflowbench_dagster.checks.suites import always, mean_between
from workflowbench_dagster.checks.validation import Verdict

PASSED = Verdict(
    always("is_good", "Everything is good."),
    passed=True,
    figures={"element_count": 1200, "unexpected_count": 0, "missing_count": 0},
)
FAILED = Verdict(
    always("is_new", "Everything is new."),
    passed=False,
    figures={
        "element_count": 9,
        "unexpected_count": 2,
        "missing_count": 1,
        "partial_unexpected_list": ["<script>", 7],
    },
)
WARNING = Verdict(
    mean_between("size", 2, 3, "Sizes are small."), passed=False, figures={"observed_value": 3.33333}
)
ERROR = Verdict(always("gone", "Nothing is gone."), passed=False, figures={}, error="There is no column.")


class Texts(HTMLParser):
    """The texts of a page by the tag they stand in."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.tags = {}, []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.setdefault(self.tags[-1] if self.tags else "", []).append(data.strip())


def page(*verdicts, scrape=None):
    return data_docs_page("things", scrape, 1200, verdicts, datetime(2026, 11, 20, 3, 5, tzinfo=UTC))


def test_the_page_says_what_was_checked_and_when():
    text = page(PASSED, scrape="folder-things-0001")
    assert "<h1>things</h1>" in text
    assert "scrape folder-things-0001 · 1,200 rows checked · 2026-11-20 03:05 UTC" in text


def test_a_table_without_partitions_names_no_scrape():
    assert "scrape" not in page(PASSED)


@pytest.mark.parametrize(
    ("verdicts", "summary"),
    [
        ([PASSED], "The check passed"),
        ([PASSED, PASSED], "All 2 checks passed"),
        ([PASSED, WARNING], "Of 2 checks: 1 warning, 1 passed"),
        ([PASSED, WARNING, FAILED, ERROR], "Of 4 checks: 2 failed, 1 warning, 1 passed"),
    ],
)
def test_the_verdict_counts_the_checks(verdicts, summary):
    assert summary in Texts(page(*verdicts)).texts["p"]


def test_each_check_is_a_row_of_status_name_sentence_and_figures():
    cells = Texts(page(PASSED, WARNING)).texts
    assert [text for text in cells["td"] if text] == [
        *("passed", "is_good", "1,200 of 1,200 values as expected"),
        *("warning", "size_mean", "3.333"),
    ]
    assert {"Everything is good.", "Sizes are small."} <= set(cells["p"])
    assert cells["code"][0] == "ExpectColumnValuesToBeInSet(column='is_good', value_set=[True])"


def test_an_error_stands_in_the_place_of_the_figures():
    assert "There is no column." in Texts(page(ERROR)).texts["td"]


def test_failing_values_are_counted_and_shown():
    assert found(FAILED.figures) == "6 of 9 values as expected, 1 missing, 2 unexpected: '<script>', 7"


@pytest.mark.parametrize(
    ("value", "shown"), [(1200, "1,200"), (0.25, "0.25"), (100.0, "100"), (None, "no value")]
)
def test_an_observed_value_is_rounded(value, shown):
    assert found({"observed_value": value}) == shown


def test_the_page_refers_to_nothing_and_runs_nothing():
    text = page(PASSED, FAILED)
    for part in ("http", "<script", "<link", "<img", "src=", "href=", "url("):
        assert part not in text
