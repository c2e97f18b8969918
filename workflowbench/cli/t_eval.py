"""`workflowbench t-eval`: plans of a model against the PLAN split of T-Eval."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from workflowbench.evaluation.answer_files import AnswerFileError, read_lines, text_field
from workflowbench.evaluation.intervals import Estimate
from workflowbench.evaluation.teval.encoders import EncoderError, load_encoder
from workflowbench.evaluation.teval.matching import Mode
from workflowbench.evaluation.teval.plans import Form, PlanDataError, read_queries
from workflowbench.evaluation.teval.scoring import NotComparableError, PlanResult, score_answers


@click.command("t-eval")
@click.argument("answers", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder that holds plan_json*.json and plan_str*.json of T-Eval.",
)
@click.option(
    "--form",
    type=click.Choice([form.value for form in Form]),
    default=Form.JSON.value,
    show_default=True,
    help="How the plans were asked for.",
)
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.COMPAT.value,
    show_default=True,
    help="compat: the protocol to the letter; strict: no gift of one right step; names: exact names only.",
)
@click.option(
    "--encoder",
    type=click.Choice(["mpnet", "minilm", "hash"]),
    help="Encoder of names and arguments: the protocol's own, a smaller one, or hashes, for dry runs.",
)
@click.option(
    "--encoder-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that holds the files of the encoder; mpnet needs it.",
)
@click.option("--published", is_flag=True, help="Print the published figures beside; only for what compares.")
def t_eval_command(
    answers: Path,
    data: Path,
    form: str,
    mode: str,
    encoder: str | None,
    encoder_dir: Path | None,
    published: bool,
) -> None:
    """Score the plans in ANSWERS, a file of JSON lines with id and answer, one for each query.

    The chance level, which is what plans without any thought score, is printed beside.
    """
    if encoder is None and mode != Mode.NAMES:
        raise click.UsageError(f"--mode {mode} needs an --encoder")
    try:
        queries = read_queries(data, Form(form))
        found = read_lines(answers, _answer)
        loaded = load_encoder(encoder, encoder_dir) if encoder and mode != Mode.NAMES else None
        result = score_answers(found, queries, Mode(mode), loaded)
        beside = result.beside_published() if published else {}
    except AnswerFileError as error:
        raise click.ClickException(f"{answers}: {error}") from None
    except (PlanDataError, EncoderError, NotComparableError) as error:
        raise click.ClickException(str(error)) from None
    _print(result, beside)


def _answer(line: Mapping[str, Any]) -> tuple[str, str]:
    return text_field(line, "id"), text_field(line, "answer")


def _print(result: PlanResult, beside: Mapping[str, float]) -> None:
    console = Console()
    title = (
        f"T-Eval PLAN, {result.form}, {result.mode}, encoder: {result.encoder}, {len(result.scores)} queries"
    )
    table = Table("figure", title=title, title_justify="left")
    for name in ("value", "95 % interval"):
        table.add_column(name, justify="right")
    figures = {
        "F1": result.figures.f1,
        "precision": result.figures.precision,
        "recall": result.figures.recall,
        "answers that are plans": result.figures.parse_rate,
        "chance: one step that calls nothing, F1": result.constant,
        "chance: random APIs, F1": result.random,
    }
    for name, estimate in figures.items():
        table.add_row(name, *_percent(estimate))
    for model, value in beside.items():
        table.add_row(f"published: {model}, F1", f"{value:.1f}", "")
    console.print(table)


def _percent(estimate: Estimate) -> tuple[str, str]:
    return f"{100 * estimate.value:.1f}", f"{100 * estimate.low:.1f} to {100 * estimate.high:.1f}"
