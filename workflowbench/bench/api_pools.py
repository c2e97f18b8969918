"""The APIs that are held out of training in the `ood` setting, and the common ones that its test may use.

The paper tests "unseen APIs" with samples of APIs that are absent from training and of 50 common ones that
are needed to build workflows; it does not say how either were chosen. Here

- whole third-party apps are held out, by a hash of the seed and the app. Added data or documents therefore
  hold out no other app than before. Apple's own apps are never held out: they come with the system;
- the common APIs are the `N_COMMON` actions of Shortcuts itself that most collected workflows use. They can
  change when workflows are added, so the release publishes them;
- actions that a program writes as Python, or that end a run, are part of the language: any sample may use
  them, and none of the common APIs is spent on them.
"""

import polars as pl

from workflowbench.bench.drawing import draw
from workflowbench.catalogue.api import Api
from workflowbench.catalogue.constructs import BUILTIN_APP, CONSTRUCTS, ENDINGS
from workflowbench.tables import API_POOLS

N_COMMON = 50
"""Number of common APIs, as in the paper."""

_APPLE_APPS = "com_apple_"


def api_pools(
    catalogue: pl.DataFrame, seeds: pl.DataFrame, *, seed: int, held_out: float, n_common: int = N_COMMON
) -> pl.DataFrame:
    """Put every API that is documented or used into a pool.

    Args:
        catalogue: Rows of `api_catalogue`.
        seeds: Rows of `seed_workflows`.
        seed: Seed of the draw; another seed is another draw.
        held_out: Expected fraction of third-party apps to hold out, from 0 to 1.
        n_common: Number of common APIs.

    Returns:
        Rows of `api_pools`, sorted by key.
    """
    used = seeds.select(identifier=pl.col("apis").explode()).drop_nulls()
    counts = used.group_by("identifier").agg(n_workflows=pl.len().cast(pl.Int64))
    known = pl.concat([catalogue.select("identifier"), counts.select("identifier")]).unique()
    app = pl.col("identifier").map_elements(lambda identifier: Api(identifier).app, return_dtype=pl.String)
    apis = known.join(counts, on="identifier", how="left").with_columns(
        pl.col("n_workflows").fill_null(0), app=app
    )
    pool = (
        pl.when(pl.col("app").is_in(_held_out_apps(apis["app"], seed, held_out)))
        .then(pl.lit("held_out"))
        .when(pl.col("identifier").is_in(CONSTRUCTS | ENDINGS))
        .then(pl.lit("language"))
        .when(pl.col("identifier").is_in(_most_common(apis, n_common)))
        .then(pl.lit("common"))
        .otherwise(pl.lit("other"))
    )
    return apis.with_columns(pool=pool).select(API_POOLS.schema.names()).sort(API_POOLS.key)


def apis_in(pools: pl.DataFrame, *names: str) -> frozenset[str]:
    """Return the identifiers of some pools."""
    return frozenset(pools.filter(pl.col("pool").is_in(names))["identifier"])


def is_held_out(app: str, *, seed: int, fraction: float) -> bool:
    """Whether an app is held out; a function of its arguments alone, whatever other apps there are."""
    is_apples = app == BUILTIN_APP or app.startswith(_APPLE_APPS)
    return not is_apples and draw(seed, f"app:{app}") < fraction


def _held_out_apps(apps: pl.Series, seed: int, fraction: float) -> list[str]:
    return [app for app in apps.unique() if is_held_out(app, seed=seed, fraction=fraction)]


def _most_common(apis: pl.DataFrame, count: int) -> list[str]:
    is_language = pl.col("identifier").is_in(CONSTRUCTS | ENDINGS)
    used = apis.filter((pl.col("app") == BUILTIN_APP) & (pl.col("n_workflows") > 0) & ~is_language)
    return (
        used.sort("n_workflows", "identifier", descending=[True, False])["identifier"].head(count).to_list()
    )
