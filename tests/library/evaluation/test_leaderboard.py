"""The leaderboard: rows, bins of complexity, plots, page and receipt."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import polars as pl
import pytest

from workflowbench.bench.published import TABLE_1
from workflowbench.catalogue import Catalogue
from workflowbench.evaluation.leaderboard.complexity import AXES, bin_labels, complexity_scores
from workflowbench.evaluation.leaderboard.page import leaderboard_page
from workflowbench.evaluation.leaderboard.plots import plot_complexity, plot_overall
from workflowbench.evaluation.leaderboard.rows import leaderboard
from workflowbench.evaluation.leaderboard.sections import group_anchor
from workflowbench.evaluation.receipt import NOT_MEASURED, receipt
from workflowbench.evaluation.scores import score_predictions
from workflowbench.evaluation.teval.encoders import HashEncoder
from workflowbench.evaluation.teval.matching import Mode
from workflowbench.evaluation.teval.plans import Form, PlanQuery, Step
from workflowbench.evaluation.teval.scoring import score_plans
from workflowbench.tables import COMPLEXITY_SCORES, LEADERBOARD, RECEIPT, SCORES, STATISTICS

HOSTILE = '<script>alert("x")</script> $\\frac$'
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def scores(
    samples: pl.DataFrame, catalogue: Catalogue, predicted: Callable[..., pl.DataFrame]
) -> pl.DataFrame:
    """A model that is right in two of three, and one of a hostile name that answers nothing."""
    codes = dict(samples.select("sample_id", "code").iter_rows())
    predictions = [
        predicted("good", "id", battery=codes["battery"], page=codes["page"], warning="x = ("),
        predicted("good", "ood", page=codes["page"]),
        predicted(HOSTILE, "id", battery="", page="", warning=""),
    ]
    return score_predictions(pl.concat(predictions), samples, catalogue)


@pytest.fixture(scope="module")
def board(scores: pl.DataFrame) -> pl.DataFrame:
    return leaderboard(scores)


def figure(board: pl.DataFrame, model: str, setting: str, measure: str) -> dict[str, object]:
    return board.filter(model=model, setting=setting, measure=measure).row(0, named=True)


def test_rows_have_the_schema_and_one_key_each(board: pl.DataFrame) -> None:
    assert board.schema == LEADERBOARD.schema
    assert board.select(LEADERBOARD.key).is_duplicated().sum() == 0


def test_codebleu_is_the_weighted_sum_of_the_mean_parts(board: pl.DataFrame, scores: pl.DataFrame) -> None:
    means = (
        scores.filter(model="good", setting="id")
        .select("ngram", "weighted_ngram", "syntax", "dataflow")
        .mean()
    )
    ngram, weighted, syntax, dataflow = means.row(0)
    row = figure(board, "good", "id", "codebleu")
    assert row["value"] == pytest.approx(0.1 * ngram + 0.1 * weighted + 0.4 * syntax + 0.4 * dataflow)
    assert row["low"] <= row["value"] <= row["high"]
    assert row["n"] == 3


def test_empty_answers_gain_nothing_in_the_figure_from_means(board: pl.DataFrame) -> None:
    assert figure(board, HOSTILE, "id", "codebleu")["value"] == 0.0
    assert figure(board, HOSTILE, "id", "mean_codebleu")["value"] == pytest.approx(0.4)


def test_shares_are_shares_of_samples(board: pl.DataFrame) -> None:
    assert figure(board, "good", "id", "passed")["value"] == pytest.approx(2 / 3)
    assert figure(board, "good", "id", "passed_and_similar")["value"] == pytest.approx(2 / 3)
    assert figure(board, "good", "id", "parses")["value"] == pytest.approx(2 / 3)
    assert figure(board, "good", "id", "absent_api")["n"] == 2
    assert figure(board, "good", "id", "finding:does_not_parse")["value"] == pytest.approx(1 / 3)


def test_a_single_sample_has_no_interval(board: pl.DataFrame) -> None:
    row = figure(board, "good", "ood", "codebleu")
    assert (row["value"], row["low"], row["high"], row["n"]) == (1.0, None, None, 1)


def test_without_a_judge_the_rows_say_static(board: pl.DataFrame) -> None:
    row = figure(board, "good", "id", "passed")
    assert (row["judge"], row["note"]) == ("static", "Rules alone; no judge was asked.")
    assert board.filter(measure="judge_pass").is_empty()


def test_with_a_judge_its_name_stands_beside_and_its_own_programs_are_marked(scores: pl.DataFrame) -> None:
    judged = scores.filter(model="good").with_columns(
        judge=pl.when("static_pass").then(pl.lit("good")).otherwise(pl.lit("static")),
        judge_pass=pl.when("static_pass").then(True),
    )
    row = figure(leaderboard(judged), "good", "id", "judge_pass")
    assert (row["value"], row["judge"]) == (pytest.approx(2 / 3), "good")
    assert "model under test" in str(row["note"])


def test_two_judges_are_not_mixed(scores: pl.DataFrame) -> None:
    mixed = scores.with_columns(judge=pl.col("sample_id"))
    with pytest.raises(ValueError, match="several judges: battery, page, warning"):
        leaderboard(mixed)


def test_published_rows_are_marked_and_those_that_do_not_add_up_are_noted(board: pl.DataFrame) -> None:
    published = board.filter(origin="published")
    assert published["model"].n_unique() == 11
    notes = published.filter(pl.col("note").is_not_null())
    assert notes.select("model", "setting", "note").rows() == [
        ("GPT-4o + ICL", "ood", "The printed parts add up to 29.0 %."),
        ("Llama-3.1-8B + ICL", "id", "The printed parts add up to 26.8 %."),
        ("Llama-3.1-8B + ICL", "ood", "The printed parts add up to 26.1 %."),
    ]


def test_no_scores_leave_the_published_rows() -> None:
    assert set(leaderboard(SCORES.frame())["origin"]) == {"published"}


@pytest.mark.parametrize("axis", list(AXES))
def test_every_sample_is_in_one_bin_of_each_axis(scores: pl.DataFrame, axis: str) -> None:
    bins = complexity_scores(scores).filter(model="good", setting="id", axis=axis)
    assert bins["n"].sum() == 3
    assert set(bins["bin"]) <= set(bin_labels(axis))


def test_bins_hold_their_lower_bound() -> None:
    row = dict.fromkeys(("ngram", "weighted_ngram", "syntax", "dataflow", "codebleu"), 1.0)
    facts = {"model": "m", "setting": "id", "n_branches_loops": 3, "nesting_depth": 9}
    scores = pl.DataFrame(
        [{**row, **facts, "sample_id": str(n), "n_actions": n} for n in (14, 15, 105)], schema_overrides={}
    )
    bins = complexity_scores(scores)
    assert bins.schema == COMPLEXITY_SCORES.schema
    assert bins.filter(axis="n_actions")["bin"].sort().to_list() == ["0-15", "105 or more", "15-30"]
    assert bins.filter(axis="n_branches_loops")["bin"].to_list() == ["3-6"]
    assert bins.filter(axis="nesting_depth")["bin"].to_list() == ["4 or more"]


def test_plots_are_pictures_and_equal_on_every_run(board: pl.DataFrame, scores: pl.DataFrame) -> None:
    complexity = complexity_scores(scores)
    for plot, table in ((plot_overall, board), (plot_complexity, complexity)):
        picture = plot(table)
        assert picture.startswith(PNG)
        assert picture == plot(table)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(attribute))]


@pytest.fixture(scope="module")
def page(board: pl.DataFrame, scores: pl.DataFrame) -> str:
    return leaderboard_page(board, scores, complexity_scores(scores))


def test_names_are_escaped_and_nothing_is_fetched_or_run(page: str) -> None:
    tags = Page(page)
    assert not {"script", "link", "iframe"} & {tag for tag, _ in tags.tags}
    assert "&lt;script&gt;" in page
    assert all(source.startswith("data:image/png;base64,") for source in tags.values("src"))
    assert not re.search(r"url\(|@import", page)


def test_every_link_leads_to_rows_of_the_page(page: str) -> None:
    tags = Page(page)
    links = {link.removeprefix("#") for link in tags.values("href")}
    groups = {group_anchor("good", "id"), group_anchor("good", "ood"), group_anchor(HOSTILE, "id")}
    assert {link for link in links if link.startswith("rows-")} == groups
    assert links <= set(tags.values("id"))
    assert len(tags.values("id")) == len(set(tags.values("id")))


def test_pictures_have_words_and_the_page_a_language_and_a_viewport(page: str) -> None:
    tags = Page(page)
    assert all(attributes.get("alt") for tag, attributes in tags.tags if tag == "img")
    assert tags.values("lang") == ["en"]
    assert "width=device-width, initial-scale=1" in tags.values("content")
    assert "prefers-color-scheme: dark" in page


def test_a_page_without_any_measured_model_shows_the_published_ones() -> None:
    board = leaderboard(SCORES.frame())
    page = leaderboard_page(board, SCORES.frame(), COMPLEXITY_SCORES.frame())
    assert "WorkflowLlama" in page
    assert "29.0 %" in page


def statistics() -> pl.DataFrame:
    return STATISTICS.frame(
        {
            "figure": "table_1",
            "measure": measure,
            "subset": subset,
            "unit": "mean",
            "value": value + 1,
            "paper_value": value,
        }
        for measure, subsets in TABLE_1.items()
        for subset, value in subsets.items()
    )


def test_the_receipt_has_every_printed_cell_and_a_cause_for_each(board: pl.DataFrame) -> None:
    rows = receipt(statistics(), board, {}, {"WorkflowLlama": "good"})
    assert rows.schema == RECEIPT.schema
    assert dict(rows["table"].value_counts().iter_rows()) == {
        "table_1": sum(map(len, TABLE_1.values())),
        "table_2": 22 * 6,
        "table_3": 14,
    }
    assert rows["cause"].null_count() == 0
    assert set(rows.filter(table="table_1")["difference"].round(9)) == {1.0}


def test_a_model_is_compared_with_its_counterpart_alone(board: pl.DataFrame) -> None:
    rows = receipt(statistics(), board, {}, {"WorkflowLlama": "good"}).filter(table="table_2")
    compared = rows.filter(pl.col("ours").is_not_null())
    assert set(compared["row"]) == {"WorkflowLlama"}
    passed = compared.filter(column="Passed, id").row(0, named=True)
    assert passed["difference"] == pytest.approx(100 * 2 / 3 - 76.9)
    assert "rules alone" in passed["cause"]
    assert set(rows.filter(row="Qwen2-7B")["cause"]) == {NOT_MEASURED}


def test_plans_measured_otherwise_have_no_figure_but_a_reason(board: pl.DataFrame) -> None:
    step = Step(0, "a", "{}")
    query = PlanQuery("q", Form.JSON, ("a",), (step,), "", "")
    plans = {"good": score_plans({"q": (step,)}, [query], Mode.COMPAT, HashEncoder(), form=Form.JSON)}
    rows = receipt(statistics(), board, plans, {"WorkflowLlama": "good"})
    row = rows.filter(table="table_3", row="WorkflowLlama").row(0, named=True)
    assert row["ours"] is None
    assert "hash-trigrams" in row["cause"]
    assert "all-mpnet-base-v2" in row["cause"]
