"""The resources of language models in tests of the platform."""

from pathlib import Path

import dagster as dg

from workflowbench_dagster.resources.models import STAGES, StageModel
from workflowbench_dagster.resources.synthesis import Synthesis


def model_resources(place: Path, synthesis: Synthesis | None = None, **model: object) -> dict[str, object]:
    """Resources of every stage that asks a model: offline, unless `model` sets one for all of them."""
    models: dict[str, dg.ConfigurableResource] = {
        f"{stage}_model": StageModel(stage=stage, ledger=str(place / "ledger.sqlite"), **model)
        for stage in STAGES
    }
    return {"synthesis": synthesis or Synthesis(), **models}
