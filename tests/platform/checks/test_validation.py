import polars as pl
import pytest

from workflowbench_dagster.checks.suites import (
    Suite,
    always,
    between,
    matches,
    mean_between,
    one_of,
    rows_at_least,
)
from workflowbench_dagster.checks.table_suites import SUITES
from workflowbench_dagster.checks.validation import validate

SUITE = Suite(
    "things",
    lambda tables, scrapes: pl.DataFrame(),
    (
        always("is_good", "Everything is good."),
        one_of("kind", ["a", "b"], "There are two kinds."),
        between("size", 1, 10, "Sizes are small."),
        mean_between("size", 2, 3, "Sizes average to two or three."),
        matches("id", "^[0-9]+$", "Ids are numbers."),
        rows_at_least(2, "There are things."),
    ),
)
GOOD = pl.DataFrame({"is_good": [True, True], "kind": ["a", "b"], "size": [1, 4], "id": ["1", "22"]})


def passed(frame):
    return {verdict.expectation.check: verdict.passed for verdict in validate(SUITE, frame)}


def test_a_good_table_passes_every_check():
    assert all(passed(GOOD).values())


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        ({"is_good": False}, {"is_good"}),
        ({"kind": "c"}, {"kind_known"}),
        ({"size": 11}, {"size_range", "size_mean"}),
        ({"id": "x"}, {"id_pattern"}),
    ],
)
def test_a_bad_value_fails_its_check_alone(change, failing):
    frame = GOOD.with_columns(**{name: pl.lit(value) for name, value in change.items()})
    assert {check for check, is_passed in passed(frame).items() if not is_passed} == failing


def test_an_expectation_that_raises_is_a_failed_check_with_its_error():
    verdict = validate(SUITE, GOOD.drop("size"))[2]
    assert not verdict.passed
    assert "size" in verdict.error


def test_figures_are_plain_and_failing_values_few_and_short():
    frame = pl.DataFrame({"is_good": True, "kind": ["x" * 500] * 30, "size": 1, "id": "1"})
    figures = validate(SUITE, frame)[1].figures
    assert figures["unexpected_count"] == 30
    assert figures["partial_unexpected_list"] == ["x" * 80] * 5


def test_a_check_without_failing_values_has_no_list_of_them():
    assert not any("partial_unexpected_list" in verdict.figures for verdict in validate(SUITE, GOOD))


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.asset)
def test_the_checks_of_a_suite_have_names_of_their_own(suite):
    names = [expectation.check for expectation in suite.expectations]
    assert len(set(names)) == len(names)
    assert "schema" not in names
