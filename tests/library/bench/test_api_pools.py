from collections.abc import Callable

import polars as pl
import pytest

from workflowbench.bench.api_pools import api_pools, apis_in, is_held_out
from workflowbench.tables import API_CATALOGUE, API_POOLS

Seeds = Callable[..., pl.DataFrame]
ACTIONS = [f"is.workflow.actions.{name}" for name in "abcd"]
APPS = [f"com.maker{number}.app" for number in range(200)]


def pools(seeds: pl.DataFrame, fraction: float = 0.3, **options: int) -> pl.DataFrame:
    return api_pools(API_CATALOGUE.frame(), seeds, seed=0, held_out=fraction, **options)


def test_the_most_used_actions_of_shortcuts_are_common(seeds: Seeds):
    rows = seeds({"apis": ACTIONS[:1]}, {"apis": ACTIONS[:2]}, {"apis": ["com.maker.app.do", ACTIONS[3]]})
    assert apis_in(pools(rows, 0, n_common=2), "common") == {ACTIONS[0], ACTIONS[1]}


def test_the_language_is_no_common_api(seeds: Seeds):
    language = ["is.workflow.actions.conditional", "is.workflow.actions.exit"]
    table = pools(seeds({"apis": [*language, ACTIONS[0]]}), n_common=1)
    assert apis_in(table, "common") == {ACTIONS[0]}
    assert apis_in(table, "language") == set(language)


def test_an_action_that_no_workflow_uses_is_not_common(seeds: Seeds):
    assert apis_in(pools(seeds({"apis": ACTIONS[:1]})), "common") == {ACTIONS[0]}


def test_whole_apps_are_held_out(seeds: Seeds):
    table = pools(seeds({"apis": [f"{app}.{name}" for app in APPS for name in ("do", "undo")]}))
    held_out = table.filter(pool="held_out")
    assert held_out["app"].n_unique() / len(APPS) == pytest.approx(0.3, abs=0.1)
    assert held_out.height == 2 * held_out["app"].n_unique()


def test_other_apps_are_held_out_with_another_seed():
    draws = [[is_held_out(app, seed=seed, fraction=0.5) for app in APPS] for seed in (0, 1)]
    assert draws[0] != draws[1]


def test_more_workflows_hold_out_no_other_app(seeds: Seeds):
    few = pools(seeds({"apis": [f"{app}.do" for app in APPS[:20]]}))
    many = pools(seeds(*({"apis": [f"{app}.do"]} for app in APPS)))
    assert apis_in(few, "held_out") == apis_in(many, "held_out") & set(few["identifier"])


@pytest.mark.parametrize("app", ["is_workflow_actions", "com_apple_Notes"])
def test_what_comes_with_the_system_is_never_held_out(app: str):
    assert not is_held_out(app, seed=0, fraction=1)


def test_a_documented_api_has_a_pool_before_it_is_used(seeds: Seeds):
    row = dict.fromkeys(API_CATALOGUE.schema, "") | {"identifier": "com.new.app.do"}
    row |= {"n_parameters": 0, "required_parameters": []}
    table = api_pools(API_CATALOGUE.frame([row]), seeds(), seed=0, held_out=1)
    assert table.rows() == [("com.new.app.do", "com_new_app", "held_out", 0)]
    assert table.schema == API_POOLS.schema
