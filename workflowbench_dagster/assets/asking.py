"""Asking models within a stage: which model, what it took, and what it would take."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dagster as dg
from pydantic import Field

from workflowbench.llm.dispatched import Dispatch
from workflowbench.llm.estimates import Forecast, PricingModel
from workflowbench.llm.prices import Tariff
from workflowbench.llm.questions import Model
from workflowbench.llm.usage import Usage
from workflowbench.training.trained_models import TrainedModel
from workflowbench_dagster.resources.model_usage import (
    MeteredModel,
    UsageLog,
    run_figures,
    summary_line,
    to_ask_again,
)
from workflowbench_dagster.resources.models import StageModel


class Asking(dg.Config):
    """Whether models are asked at all."""

    dry_run: bool = Field(
        default=False,
        description="Say what the questions would take, and end before any is asked or a table is written.",
    )


@dataclass(slots=True)
class Asked:
    """What a stage has of one of its models in one run.

    Attributes:
        model: The model to ask; None for rules.
        pricing: The model that takes its place in a dry run.
        metered: The model with its counts by part, if one is asked.
        usage: What the run took, if one is asked.
        tariff: What the model costs.

    """

    model: Model | None = None
    pricing: PricingModel | None = None
    metered: MeteredModel | None = None
    usage: Usage | None = None
    tariff: Tariff | None = None

    def figures(self, parts: Iterable[str], prefix: str = "") -> dict[str, dict[str, Any]]:
        """Return the metadata of some parts of a table: what their questions took, and what the run took."""
        if self.metered is None or self.usage is None or self.tariff is None:
            return {part: {} for part in parts}
        run = {f"{prefix}{name}": value for name, value in run_figures(self.usage).items()}
        counted = {part: usage.figures(self.tariff) for part, usage in self.metered.parts.items()}
        return {
            part: {**{f"{prefix}{name}": value for name, value in counted.get(part, {}).items()}, **run}
            for part in parts
        }

    @property
    def to_ask_again(self) -> int:
        """How many questions have no answer and are asked again by the next run."""
        return to_ask_again(self.usage) if self.usage else 0


@contextmanager
def asking(
    resource: StageModel,
    context: dg.AssetExecutionContext,
    config: Asking,
    part_of: Callable[[str], str],
    dispatch: Callable[[TrainedModel], Dispatch] | None = None,
) -> Iterator[Asked]:
    """Give the model of a stage, if it has one, and say in the log how far it is.

    Args:
        resource: The model.
        context: The run.
        config: Whether it is a dry run.
        part_of: From the id of a question to the part of the table that it is about.
        dispatch: How a model of our training is asked, in a stage that can ask one.

    """
    if resource.is_offline:
        yield Asked()
    elif config.dry_run:
        with resource.priced() as pricing:
            yield Asked(model=pricing, pricing=pricing)
    else:
        trained = dispatch(resource.trained) if dispatch and resource.is_trained else None
        with resource.asked(UsageLog(context.log.info), trained) as model:
            metered = MeteredModel(model, part_of)
            yield Asked(metered, None, metered, model.usage, resource.tariff)
            context.log.info(summary_line(model.usage))


def report_price(context: dg.AssetExecutionContext, asset: str, asked: Mapping[str, Asked]) -> None:
    """Record what the models of a stage would take, as an observation of its asset and in the log.

    Args:
        context: The run.
        asset: The asset.
        asked: What the stage has of its models, by what they are asked for.

    """
    for name, one in asked.items():
        if one.pricing is None:
            context.log.info(f"{name}: rules, no model is asked.")
        else:
            found = one.pricing.forecast
            context.log.info(f"{name}: {price_line(one.pricing.name, found)}")
            figures = {key: value for key, value in found.summary().items() if value is not None}
            context.log_event(dg.AssetObservation(asset, metadata={"stage": name, **figures}))


def price_line(model: str, found: Forecast) -> str:
    """Return a forecast in a line."""
    tokens = f"about {found.prompt_tokens:,} + {found.completion_tokens:,} tokens"
    if found.cost is None:
        money = "no price is known"
    else:
        money = f"about {found.cost:.2f} {found.currency}, {found.cost_most:.2f} at most"
    return (
        f"{model}, {found.questions:,} questions, {found.replayed:,} answered by the ledger,"
        f" {found.requests:,} requests: {tokens}, {money}"
    )
