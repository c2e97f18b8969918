import sys
from pathlib import Path

import dagster as dg
import orjson
import pytest
from stand_ins import failure

from workflowbench.tables import SEED_SPLITS, SEED_WORKFLOWS
from workflowbench_dagster.assets.annotator import annotator
from workflowbench_dagster.assets.workflowllama import workflowllama
from workflowbench_dagster.resources.gpu import GpuJobs
from workflowbench_dagster.resources.tables import ParquetTables

TRAINING = """#!{python}
import json, sys
from pathlib import Path
from workflowbench_dagster.external.reporting import reporter

recipe = json.loads(Path(sys.argv[-1]).read_text())
rows = [json.loads(line) for line in Path(recipe["train"]).read_text().splitlines()]
final = Path(recipe["output"]) / "final"
with reporter() as tell:
    tell({{"event": "step", "step": 1, "loss": 7.0}})
    final.mkdir(exist_ok=True)
    (final / "model.safetensors").write_bytes(b"weights")
    (final / "trained_on.txt").write_text("".join(row["id"] + "\\n" for row in rows))
    curve = [{{"step": step, "loss": loss, "learning_rate": 0.1}} for step, loss in ((1, 7.0), (2, 1.0))]
    report = {{"loss_curve": curve, "dev_curve": [], "n_samples": len(rows), "last_loss": 1.0}}
    (final / "report.json").write_text(json.dumps(report))
    (Path(recipe["output"]) / "DONE").touch()
    tell({{"event": "done", "n_samples": len(rows)}})
"""


@pytest.fixture
def gpu(tmp_path):
    """A resource whose interpreter, whatever it is given, acts as a training program that is done at once."""
    program = tmp_path / "python"
    program.write_text(TRAINING.format(python=sys.executable))
    program.chmod(0o755)
    return GpuJobs(workspace=str(tmp_path / "gpu"), python=str(program), base_model=str(tmp_path / "base"))


@pytest.fixture
def built(built_once):
    return ParquetTables(root=str(built_once / "tables"))


def train(asset, instance, tables, gpu, setting="id", **recipe):
    name = asset.key.to_user_string()
    return dg.materialize(
        [asset],
        instance=instance,
        partition_key=setting,
        resources={"tables": tables, "gpu": gpu},
        run_config={"ops": {name: {"config": {"recipe": recipe}}}},
        raise_on_error=False,
    )


def metadata(result, name):
    (event,) = result.asset_materializations_for_node(name)
    return event.metadata


@pytest.mark.parametrize("asset", [annotator, workflowllama])
def test_a_training_shows_its_model_curves_and_configuration(instance, built, gpu, asset):
    name = asset.key.to_user_string()
    shown = metadata(train(asset, instance, built, gpu, processes=2), name)
    assert shown["model"].value.startswith(f"{name}-id@")
    assert [point["loss"] for point in shown["loss_curve"].value] == [7.0, 1.0]
    assert shown["losses"].value.startswith("![Loss and learning rate](data:image/png;base64,")
    assert (shown["recipe"].value["processes"], shown["recipe"].value["epochs"]) == (2, 3.0)
    assert shown["deepspeed"].value["zero_optimization"]["stage"] == 2


def test_the_annotator_sees_only_seeds_that_are_in_train(instance, built, gpu):
    shown = metadata(train(annotator, instance, built, gpu), "annotator")
    lines = (Path(shown["directory"].value).parent / "train.jsonl").read_bytes().splitlines()
    learnt = {orjson.loads(line)["id"] for line in lines}
    splits = built.read(SEED_SPLITS).filter(setting="id", split="train")
    assert learnt == set(splits["workflow_id"]) & set(built.read(SEED_WORKFLOWS)["workflow_id"])


def test_equal_inputs_have_one_run_and_other_recipes_another(instance, built, gpu):
    directories = [
        metadata(train(annotator, instance, built, gpu, **recipe), "annotator")["directory"].value
        for recipe in ({}, {"seed": 18}, {})
    ]
    assert directories[0] == directories[2] != directories[1]


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"epoch": 3}, "A recipe has no setting epoch"),
        ({"global_batch": 3, "processes": 2}, "no multiple"),
        ({"train": "x"}, "The platform decides about train"),
    ],
)
def test_a_recipe_that_cannot_be_run_fails_before_anything_is_started(instance, built, gpu, recipe, message):
    result = train(annotator, instance, built, gpu, **recipe)
    assert message in failure(result)
    assert not list(result.get_asset_observation_events())


def test_a_training_without_a_base_model_says_what_to_set(instance, built, gpu):
    bare = GpuJobs(workspace=gpu.workspace, python=gpu.python)
    assert "WORKFLOWBENCH_BASE_MODEL" in failure(train(annotator, instance, built, bare))
