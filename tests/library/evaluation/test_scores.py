"""What predictions are worth."""

from collections.abc import Callable
from decimal import Decimal

import polars as pl
import pytest

from workflowbench.catalogue import Catalogue
from workflowbench.evaluation.scores import ScoreSettings, score_predictions
from workflowbench.llm.prices import Price, Tariff
from workflowbench.tables import SCORES, VERDICTS

Predicted = Callable[..., pl.DataFrame]


def codes(samples: pl.DataFrame) -> dict[str, str]:
    return dict(samples.select("sample_id", "code").iter_rows())


def votes(sample_id: str, *verdicts: bool | None) -> pl.DataFrame:
    return VERDICTS.frame(
        {
            "model": "m",
            "setting": "id",
            "sample_id": sample_id,
            "mode": "verdict",
            "vote": vote,
            "requirement": 0,
            "verdict": verdict,
            "evidence": [],
            "judge": "j@1",
            "prompt": "p@1",
        }
        for vote, verdict in enumerate(verdicts, start=1)
    )


def test_a_reference_scores_full_marks(
    samples: pl.DataFrame, catalogue: Catalogue, predicted: Predicted
) -> None:
    done = score_predictions(predicted(**codes(samples)), samples, catalogue)
    assert done.schema == SCORES.schema
    assert done["codebleu"].to_list() == [1.0] * 3
    assert done["passed"].to_list() == [True] * 3
    assert set(done["judge"]) == {"static"}
    assert done["judge_pass"].to_list() == [None] * 3
    assert done["n_branches_loops"].to_list() == [0, 0, 1]


def test_a_program_that_does_not_parse_fails_and_hides_its_calls(
    samples: pl.DataFrame, catalogue: Catalogue, predicted: Predicted
) -> None:
    (row,) = score_predictions(predicted(page="x = ("), samples, catalogue).to_dicts()
    assert (row["parses"], row["passed"], row["static_rule"]) == (False, False, "does_not_parse")
    assert row["calls_absent_api"] is None


def test_an_empty_program_does_not_count_as_parsing(
    samples: pl.DataFrame, catalogue: Catalogue, predicted: Predicted
) -> None:
    (row,) = score_predictions(predicted(page=""), samples, catalogue).to_dicts()
    assert (row["parses"], row["static_rule"], row["syntax"]) == (False, "no_code", 0.0)


@pytest.mark.parametrize("call", ["is_workflow_actions_speaktext( WFText='''x''')", "com_nobody_does_this()"])
def test_a_call_of_an_api_that_was_not_given_is_marked(
    samples: pl.DataFrame, catalogue: Catalogue, predicted: Predicted, call: str
) -> None:
    code = codes(samples)["page"] + call
    (row,) = score_predictions(predicted(page=code), samples, catalogue).to_dicts()
    assert row["calls_absent_api"] is True
    assert "api_not_given" in {finding["rule"] for finding in row["findings"]}


def test_an_answer_that_is_not_usable_fails_by_its_own_rule(
    samples: pl.DataFrame, catalogue: Catalogue, predicted: Predicted
) -> None:
    cut = predicted(page=codes(samples)["page"]).with_columns(rule=pl.lit("cut_off"))
    (row,) = score_predictions(cut, samples, catalogue).to_dicts()
    assert (row["passed"], row["static_rule"], row["is_truncated"]) == (False, "cut_off", True)
    assert row["codebleu"] == 1.0


def test_the_majority_of_the_judge_counts(
    samples: pl.DataFrame, catalogue: Catalogue, predicted: Predicted
) -> None:
    verdicts = pl.concat([votes("page", True, True, False), votes("battery", True, None, False)])
    programs = {name: code for name, code in codes(samples).items() if name != "warning"}
    done = score_predictions(predicted(**programs), samples, catalogue, verdicts=verdicts)
    columns = ("sample_id", "judge_pass", "passed", "judge", "n_votes", "n_votes_for")
    assert done.select(columns).rows() == [
        ("battery", None, False, "j@1", 2, 1),
        ("page", True, True, "j@1", 3, 2),
    ]


def test_a_sound_program_without_votes_is_an_error(
    samples: pl.DataFrame, catalogue: Catalogue, predicted: Predicted
) -> None:
    with pytest.raises(ValueError, match="m/id/battery"):
        score_predictions(predicted(**codes(samples)), samples, catalogue, verdicts=votes("page", True))


def test_tokens_cost_what_the_price_says_and_unknown_is_not_free(
    samples: pl.DataFrame, catalogue: Catalogue, predicted: Predicted
) -> None:
    tariff = Tariff(Price(Decimal(1), Decimal(10)), "USD", "v1")
    both = pl.concat([predicted("m", page="pass"), predicted("n", page="pass")])
    settings = ScoreSettings(tariffs={"m": tariff})
    assert score_predictions(both, samples, catalogue, settings)["cost"].to_list() == [0.002, None]


def test_an_unknown_sample_is_an_error(
    samples: pl.DataFrame, catalogue: Catalogue, predicted: Predicted
) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        score_predictions(predicted(nowhere="pass"), samples, catalogue)
