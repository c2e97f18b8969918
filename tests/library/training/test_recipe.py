import orjson
import pytest

from workflowbench.training.errors import JobError
from workflowbench.training.recipe import Recipe

NEEDED = {"base_model": "base", "train": "train.jsonl", "output": "out"}


def test_the_defaults_are_those_of_the_paper():
    recipe = Recipe(**NEEDED)
    assert (recipe.epochs, recipe.global_batch, recipe.learning_rate) == (3, 32, 2e-5)
    assert (recipe.schedule, recipe.warmup_ratio, recipe.window, recipe.zero_stage) == (
        "linear",
        0.1,
        8192,
        2,
    )


def test_a_recipe_is_read_back_as_it_was_written(tmp_path):
    recipe = Recipe(**NEEDED, zero_stage=3, offload="cpu", processes=8)
    (tmp_path / "recipe.json").write_bytes(recipe.to_json())
    assert Recipe.read(tmp_path / "recipe.json") == recipe


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("zero_stage", 4, "zero_stage is 4; it is one of 1, 2, 3"),
        ("epochs", 0, "epochs is 0; it must be greater than 0"),
        ("global_batch", 32.0, "global_batch is 32.0; it must be of type int"),
        ("learning_rate", "2e-5", "learning_rate is '2e-5'; it must be a number"),
        ("warmup_ratio", 1.5, "warmup_ratio is 1.5"),
        ("offload", "nvme", "without a nvme_path"),
        ("processes", 5, "no multiple of micro_batch x processes = 5"),
        ("learning-rate", 1, "no setting learning-rate"),
    ],
)
def test_a_wrong_setting_is_named(setting, value, message):
    with pytest.raises(JobError, match=message):
        Recipe.from_mapping({**NEEDED, setting: value})


def test_a_missing_setting_is_named():
    with pytest.raises(JobError, match="lacks output, train"):
        Recipe.from_mapping({"base_model": "base"})


@pytest.mark.parametrize("content", [b"[]", b"{", b"\xff"])
def test_a_file_that_holds_no_recipe_is_named(tmp_path, content):
    path = tmp_path / "recipe.json"
    path.write_bytes(content)
    with pytest.raises(JobError, match=r"recipe"):
        Recipe.read(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(JobError, match=r"nowhere\.json cannot be read"):
        Recipe.read(tmp_path / "nowhere.json")


def test_deepspeed_gets_the_stage_and_the_offload():
    zero = Recipe(**NEEDED, zero_stage=3, offload="nvme", nvme_path="/disk").deepspeed()["zero_optimization"]
    assert zero["stage"] == 3
    assert zero["offload_optimizer"]["nvme_path"] == "/disk"
    assert zero["stage3_gather_16bit_weights_on_model_save"]


def test_the_configuration_of_deepspeed_is_json():
    assert orjson.dumps(Recipe(**NEEDED).deepspeed())
