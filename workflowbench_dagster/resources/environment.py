"""The one place that reads the environment of the platform.

`WORKFLOWBENCH_HOME` is the folder for everything the platform keeps (default `.workflowbench`),
`WORKFLOWBENCH_STORE` the root of the tables (default `tables` below the home; may be `s3://`; one per home),
`WORKFLOWBENCH_SHORTCUTS` the folder of shortcuts (default `examples`),
`WORKFLOWBENCH_WFACTIONS` a `WFActions.plist` copied from a Mac (default none),
`WORKFLOWBENCH_APPS` a folder of apps with `.actionsdata` and `.intentdefinition` files (default none),
`WORKFLOWBENCH_OPT_OUTS` a file of RoutineHub, iCloud and workflow ids to leave out (default none).

Every field of `GpuJobs` can be set by `WORKFLOWBENCH_GPU_` and its name in capitals, groups as JSON:
`WORKFLOWBENCH_GPU_PYTHON` is the interpreter with torch (default `.venv-gpu/bin/python`),
`WORKFLOWBENCH_GPU_EXECUTOR` says where jobs run (default `subprocess`), `WORKFLOWBENCH_GPU_WORKSPACE` where
models lie (default `gpu` below the home). `WORKFLOWBENCH_BASE_MODEL` is the model that trainings start from.

`WORKFLOWBENCH_ROUTINEHUB_CONTACT` is the mail address or web page sent with every request to RoutineHub and
iCloud; without one nothing is fetched from the network. Every other field of `NetworkSources` can be set by
`WORKFLOWBENCH_SCRAPE_` and its name in capitals, e.g. `WORKFLOWBENCH_SCRAPE_ROUTINEHUB_DELAY_SECONDS`;
a list has commas. `WORKFLOWBENCH_FEED_SECONDS` is the time between two looks at the feed (default 6 hours),
`WORKFLOWBENCH_AUTOMATION_SECONDS` that between two looks at what became stale (default 30).

`WORKFLOWBENCH_MODEL`, `WORKFLOWBENCH_MODEL_URL` and `WORKFLOWBENCH_MODEL_KEY` give the model that every stage
asks; without a model all stages work offline, by rules. Every other field of `StageModel` can be set by
`WORKFLOWBENCH_MODEL_` and its name in capitals, e.g. `WORKFLOWBENCH_MODEL_MAX_COST`. For one stage alone put
its name before `MODEL`, e.g. `WORKFLOWBENCH_JUDGE_MODEL_REVISION`: `THOUGHTS`, `EXPANSION`, `GENERATION`,
`REFINEMENT` or `JUDGE`. Every field of `Synthesis` can be set by `WORKFLOWBENCH_` and its name in capitals,
e.g. `WORKFLOWBENCH_QUERIES_PER_CATEGORY`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import orjson

from workflowbench_dagster.costs import GPU_TIME, MONEY
from workflowbench_dagster.resources.gpu import GpuJobs
from workflowbench_dagster.resources.models import OFFLINE, OPENAI, STAGES, StageModel
from workflowbench_dagster.resources.opt_outs import OptOutList
from workflowbench_dagster.resources.scraping import NetworkSources
from workflowbench_dagster.resources.sources import CatalogueSources, ShortcutFolder
from workflowbench_dagster.resources.synthesis import Synthesis
from workflowbench_dagster.resources.tables import ParquetTables

HOME = "WORKFLOWBENCH_HOME"
STORE = "WORKFLOWBENCH_STORE"
SHORTCUTS = "WORKFLOWBENCH_SHORTCUTS"
WFACTIONS = "WORKFLOWBENCH_WFACTIONS"
APPS = "WORKFLOWBENCH_APPS"
OPT_OUTS = "WORKFLOWBENCH_OPT_OUTS"
CONTACT = "WORKFLOWBENCH_ROUTINEHUB_CONTACT"
SCRAPE = "WORKFLOWBENCH_SCRAPE_"
GPU = "WORKFLOWBENCH_GPU_"
BASE_MODEL = "WORKFLOWBENCH_BASE_MODEL"
GPU_ENVIRONMENT = Path(".venv-gpu")
FEED_SECONDS = "WORKFLOWBENCH_FEED_SECONDS"
MODEL = "WORKFLOWBENCH_MODEL"
LEDGER = "ledger.sqlite"
AUTOMATION_SECONDS = "WORKFLOWBENCH_AUTOMATION_SECONDS"


def _value(name: str, default: str) -> str:
    return dg.EnvVar(name).get_value(default) or default


def home() -> Path:
    """Return the folder that holds the Dagster instance and, unless a store is set, the tables."""
    return Path(_value(HOME, ".workflowbench")).expanduser().absolute()


def table_resource() -> ParquetTables:
    """Return the table store."""
    return ParquetTables(root=_value(STORE, str(home() / "tables")))


def folder_resource() -> ShortcutFolder:
    """Return the folder of shortcuts."""
    return ShortcutFolder(path=_value(SHORTCUTS, "examples"))


def catalogue_resource() -> CatalogueSources:
    """Return what the API catalogue is built from."""
    return CatalogueSources(wfactions=_value(WFACTIONS, ""), apps=_value(APPS, ""))


def opt_out_resource() -> OptOutList:
    """Return the list of those who opted out."""
    return OptOutList(path=_value(OPT_OUTS, ""))


def network_resource() -> NetworkSources:
    """Return the sources on the network."""
    names = {name: SCRAPE + name.upper() for name in NetworkSources.model_fields if name != "contact"}
    given: dict[str, Any] = {name: value for name, key in names.items() if (value := _value(key, ""))}
    if "opted_in" in given:
        given["opted_in"] = [name.strip() for name in given["opted_in"].split(",")]
    defaults = {"snapshots": str(home() / "snapshots"), "contact": _value(CONTACT, "")}
    return NetworkSources(**{**defaults, **given})


def gpu_resource(**changes: object) -> GpuJobs:
    """Return where GPU work runs; `changes` stand above what is set."""
    names = {name: GPU + name.upper() for name in GpuJobs.model_fields if name != "base_model"}
    given: dict[str, Any] = {name: value for name, key in names.items() if (value := _value(key, ""))}
    for name in {"environment", "kubernetes", "ray", "inference"} & given.keys():
        given[name] = orjson.loads(given[name])
    defaults = {"workspace": str(home() / "gpu"), "base_model": _value(BASE_MODEL, "")}
    if (python := (GPU_ENVIRONMENT / "bin" / "python").absolute()).is_file():
        defaults["python"] = str(python)
    return GpuJobs(**{**defaults, **given, **changes})


def feed_seconds() -> int:
    """Return the time between two looks at RoutineHub's feed."""
    return int(_value(FEED_SECONDS, str(6 * 3600)))


def automation_seconds() -> int:
    """Return the time between two looks at what became stale."""
    return int(_value(AUTOMATION_SECONDS, "30"))


def model_resource(stage: str) -> StageModel:
    """Return the model of a stage: what is set for it alone, else what is set for all stages.

    A key is handed over as the name of its variable, so that no page of the UI shows it.
    """
    given: dict[str, Any] = {}
    for name in StageModel.model_fields.keys() - {"stage", "model"}:
        variable = next((key for key in _model_variables(stage, f"_{name.upper()}") if _value(key, "")), None)
        if variable:
            given[name] = dg.EnvVar(variable) if name == "key" else _value(variable, "")
    model = next((value for key in _model_variables(stage, "") if (value := _value(key, ""))), "")
    defaults = {
        "backend": OPENAI if model else OFFLINE,
        "ledger": str(home() / LEDGER),
        "workspace": _value(f"{GPU}WORKSPACE", str(home() / "gpu")),
    }
    return StageModel(**{"stage": stage, "model": model, **defaults, **given})


def cost_of(*stages: str) -> Mapping[str, str]:
    """Return the tag of an asset whose models may charge for it or take GPU time; none where they do not."""
    models = [model_resource(stage) for stage in stages]
    if any(model.is_trained for model in models):
        return GPU_TIME
    return MONEY if any(model.spends_money for model in models) else {}


def _model_variables(stage: str, field: str) -> tuple[str, str]:
    return f"WORKFLOWBENCH_{stage.upper()}_MODEL{field}", f"{MODEL}{field}"


def synthesis_resource() -> Synthesis:
    """Return how much is synthesised, and by which rules."""
    names = {name: f"WORKFLOWBENCH_{name.upper()}" for name in Synthesis.model_fields}
    given: dict[str, Any] = {name: value for name, key in names.items() if (value := _value(key, ""))}
    return Synthesis(**given)


def resources() -> dict[str, dg.ConfigurableResource]:  # type: ignore[type-arg]
    """Return the resources by the names under which assets ask for them."""
    return {
        "tables": table_resource(),
        "folder": folder_resource(),
        "network": network_resource(),
        "catalogue": catalogue_resource(),
        "opt_out_list": opt_out_resource(),
        "gpu": gpu_resource(),
        "synthesis": synthesis_resource(),
        **{f"{stage}_model": model_resource(stage) for stage in STAGES},
    }
