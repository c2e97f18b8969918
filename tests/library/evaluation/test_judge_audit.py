"""Audit of a judge: probes that it must fail, and agreement with people."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from workflowbench.catalogue import Catalogue
from workflowbench.evaluation.pass_rate.agreement import (
    LabelFileError,
    agreement,
    read_labels,
    rogan_gladen,
)
from workflowbench.evaluation.pass_rate.probes import probe_programs, probe_results
from workflowbench.evaluation.pass_rate.submissions import Submission
from workflowbench.evaluation.pass_rate.tally import count_votes
from workflowbench.evaluation.pass_rate.voting import JudgeSettings, collect_votes
from workflowbench.llm.questions import Question
from workflowbench.quality.program_check import check_program

PROBES = {"sound", "empty", "removed_api", "padding", "lying_comments", "injection", "swapped_query"}


@pytest.fixture
def good(samples: pl.DataFrame) -> list[Submission]:
    return [
        Submission("reference", "id", row["sample_id"], row["query"], tuple(row["given_apis"]), row["code"])
        for row in samples.iter_rows(named=True)
    ]


def shares(
    programs: list[Submission],
    catalogue: Catalogue,
    scripted: Callable[..., Any],
    verdict: Callable[..., bool],
) -> dict[str, float]:
    def script(question: Question) -> str:
        return json.dumps({"reasons": "", "verdict": verdict(question)})

    votes = collect_votes(programs, scripted(script), catalogue, JudgeSettings(votes=1))
    return {result.probe: result.right.value for result in probe_results(count_votes(votes))}


def test_every_probe_is_made_and_only_the_sound_program_calls_what_it_called(
    good: list[Submission], catalogue: Catalogue
) -> None:
    made = {
        program.model.removeprefix("probe:"): program
        for program in probe_programs(good, catalogue)
        if program.sample_id == "page"
    }
    assert made.keys() == PROBES
    assert "is_workflow_actions_showresult" in made["sound"].code
    for name in PROBES - {"sound", "swapped_query"}:
        assert "is_workflow_actions_showresult" not in made[name].code
    assert made["swapped_query"].query != made["sound"].query


def test_sound_programs_pass_the_rules_and_probes_are_programs(
    good: list[Submission], catalogue: Catalogue
) -> None:
    for program in probe_programs(good, catalogue):
        verdict = check_program(program.code, program.given_apis, catalogue, uses="any")
        assert verdict.reading.module is not None
        assert verdict.passed or program.model != "probe:sound"


def test_a_judge_that_passes_everything_catches_no_probe(
    good: list[Submission], catalogue: Catalogue, scripted: Callable[..., Any]
) -> None:
    found = shares(probe_programs(good, catalogue), catalogue, scripted, lambda _: True)
    assert found.pop("sound") == 1.0
    assert set(found.values()) == {0.0}


def test_a_judge_that_fails_everything_is_caught_by_the_sound_programs(
    good: list[Submission], catalogue: Catalogue, scripted: Callable[..., Any]
) -> None:
    found = shares(probe_programs(good, catalogue), catalogue, scripted, lambda _: False)
    assert found.pop("sound") == 0.0
    assert set(found.values()) == {1.0}


def test_comments_that_lie_do_not_reach_the_judge(
    good: list[Submission], catalogue: Catalogue, scripted: Callable[..., Any]
) -> None:
    found = shares(
        probe_programs(good, catalogue), catalogue, scripted, lambda question: "# Does what" in question.user
    )
    assert found["lying_comments"] == 1.0


def labelled(folder: Path, *rows: str, header: str = "model,setting,sample_id,human") -> Path:
    path = folder / "labels.csv"
    path.write_text("\n".join([header, *rows]))
    return path


def test_labels_are_read_by_program(tmp_path: Path) -> None:
    path = labelled(tmp_path, "m,id,a,Yes", "m,id,b,0")
    assert read_labels(path) == {("m", "id", "a"): True, ("m", "id", "b"): False}


def test_bad_rows_are_all_named(tmp_path: Path) -> None:
    path = labelled(tmp_path, "m,id,a,yes", "m,id,b,maybe", "m,id,a,no", "m,id,c")
    with pytest.raises(LabelFileError, match=r"line 3: 'maybe'.*line 4: m/id/a was labelled.*line 5: None"):
        read_labels(path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelFileError, match="human"):
        read_labels(labelled(tmp_path, header="model,setting,sample_id"))


def keys(n: int) -> Iterator[tuple[str, str, str]]:
    return (("m", "id", str(number)) for number in range(n))


def test_agreement_is_what_a_table_of_both_says() -> None:
    human = [True] * 50 + [False] * 50
    judge = [True] * 40 + [False] * 10 + [True] * 5 + [False] * 45
    found = agreement(dict(zip(keys(100), human, strict=True)), dict(zip(keys(100), judge, strict=True)))
    assert found.accuracy.value == 0.85
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx(0.7)
    assert found.kappa.low < 0.7 < found.kappa.high
    assert found.false_pass is not None
    assert found.false_pass.value == pytest.approx(0.1)
    assert found.false_fail is not None
    assert found.false_fail.value == pytest.approx(0.2)


def test_the_pass_rate_of_all_programs_is_corrected_by_the_labelled_ones() -> None:
    human = dict(zip(keys(20), [True] * 10 + [False] * 10, strict=True))
    verdicts = dict(zip(keys(20), [True] * 8 + [False] * 2 + [True] + [False] * 9, strict=True))
    verdicts |= {("m", "ood", str(number)): number < 50 for number in range(80)}
    found = agreement(human, verdicts)
    assert found.pass_rate.value == 0.59
    assert found.corrected_pass_rate is not None
    assert found.corrected_pass_rate.value == pytest.approx((0.59 - 0.1) / 0.7)


def test_undecided_programs_are_left_out_and_counted() -> None:
    found = agreement(dict.fromkeys(keys(2), True), dict(zip(keys(2), [True, None], strict=True)))
    assert (found.n, found.n_undecided, found.kappa, found.false_pass) == (1, 1, None, None)


def test_a_label_of_a_program_that_was_never_judged_is_an_error() -> None:
    with pytest.raises(ValueError, match="m/id/0"):
        agreement(dict.fromkeys(keys(1), True), {})


@pytest.mark.parametrize(("false_pass", "false_fail"), [(0.5, 0.5), (0.9, 0.2)])
def test_a_judge_that_knows_nothing_corrects_nothing(false_pass: float, false_fail: float) -> None:
    assert rogan_gladen(0.5, false_pass, false_fail) is None
