import pytest

from workflowbench_dagster.resources.environment import cost_of, model_resource, synthesis_resource
from workflowbench_dagster.resources.models import ModelError, StageModel
from workflowbench_dagster.resources.outside import outside_version


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKFLOWBENCH_HOME", str(tmp_path))


def test_without_a_model_a_stage_is_offline_and_free():
    assert model_resource("judge").is_offline
    assert cost_of("judge", "refinement") == {}


def test_one_setting_gives_every_stage_its_model(monkeypatch):
    monkeypatch.setenv("WORKFLOWBENCH_MODEL", "big")
    monkeypatch.setenv("WORKFLOWBENCH_MODEL_URL", "http://127.0.0.1:9/v1")
    model = model_resource("thoughts")
    assert (model.backend, model.requests.name, model.spends_money) == ("openai", "big", True)
    assert cost_of("thoughts")


def test_a_stage_may_have_a_model_of_its_own(monkeypatch):
    monkeypatch.setenv("WORKFLOWBENCH_MODEL", "big")
    monkeypatch.setenv("WORKFLOWBENCH_JUDGE_MODEL", "judge")
    monkeypatch.setenv("WORKFLOWBENCH_JUDGE_MODEL_REVISION", "7")
    assert model_resource("judge").requests.name == "judge@7"
    assert model_resource("expansion").requests.name == "big"


def test_a_key_is_handed_over_by_the_name_of_its_variable(monkeypatch):
    monkeypatch.setenv("WORKFLOWBENCH_MODEL", "big")
    monkeypatch.setenv("WORKFLOWBENCH_MODEL_KEY", "a-secret")
    assert "a-secret" not in repr(model_resource("judge"))


@pytest.mark.parametrize(
    ("changed", "is_stale"),
    [
        ({"url": "http://elsewhere/v1"}, False),
        ({"key": "another"}, False),
        ({"backend": "ledger"}, False),
        ({"max_in_flight": 2}, False),
        ({"model": "other"}, True),
        ({"revision": "2"}, True),
        ({"parameters": '{"top_p": 0.5}'}, True),
    ],
)
def test_a_table_is_stale_when_what_answers_depend_on_changes(changed, is_stale, tmp_path):
    settings = {"stage": "judge", "backend": "openai", "model": "big", "ledger": str(tmp_path / "l")}
    assert (StageModel(**settings).version != StageModel(**{**settings, **changed}).version) == is_stale


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"backend": "carrier-pigeon"}, "WORKFLOWBENCH_MODEL_BACKEND"),
        ({"backend": "openai"}, "WORKFLOWBENCH_JUDGE_MODEL"),
        ({"backend": "openai", "model": "big"}, "WORKFLOWBENCH_MODEL_URL"),
        ({"backend": "openai", "model": "big", "parameters": "7"}, "WORKFLOWBENCH_MODEL_PARAMETERS"),
        ({"backend": "openai", "model": "gpt-4o", "max_cost": "much"}, "WORKFLOWBENCH_MODEL_MAX_COST"),
        ({"backend": "ledger", "model": "big", "token_limit": "x"}, "WORKFLOWBENCH_MODEL_TOKEN_LIMIT"),
    ],
)
def test_a_wrong_setting_is_named(wrong, named, tmp_path):
    model = StageModel(stage="judge", ledger=str(tmp_path / "ledger.sqlite"), **wrong)
    with pytest.raises(ModelError, match=named), model.asked(lambda _: None):
        pass


def test_what_is_empty_altogether_is_no_version():
    assert outside_version("", "") == ""
    assert outside_version("", "a") != outside_version("a", "")


def test_the_quota_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("WORKFLOWBENCH_QUERIES_PER_CATEGORY", "7")
    assert synthesis_resource().n_queries == 7 * 28
