"""API pools: which APIs may stand together in a synthetic query."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from workflowbench.catalogue.api import Api
from workflowbench.catalogue.constructs import BUILTIN_APP, CONSTRUCTS, ENDINGS

PoolName = Literal["id", "ood"]

OOD_SHARE = 0.1
"""Share of the queries that is asked of held-out APIs, unless another one is given."""


class NothingToSampleError(ValueError):
    """There is nothing that queries could be made from; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class ApiPool:
    """APIs that queries of one kind are made of.

    Attributes:
        name: `id` for APIs that training may use, `ood` for held-out APIs with the common ones (paper, 4.1).
        builtin: Identifiers of Apple's own actions, sorted, each with its weight in sampling.
        third_party: Sorted identifiers of all other APIs by app, in the order of the apps.
        share: Share of all queries that is sampled from this pool, from 0 to 1.

    """

    name: PoolName
    builtin: Mapping[str, int]
    third_party: Mapping[str, tuple[str, ...]]
    share: float


def api_pools(
    catalogue: Mapping[str, Api],
    seeds: pl.DataFrame,
    *,
    held_out: Collection[str] = (),
    common: Collection[str] = (),
    ood_share: float = OOD_SHARE,
) -> tuple[ApiPool, ...]:
    """Make the pools: `id` of all APIs that are not held out, `ood` of the held-out and the common ones.

    An API is left out of every pool if nothing documents it, if a program writes it as part of the language
    (`CONSTRUCTS`) or if it ends the run (`ENDINGS`). A built-in action weighs one more than the number of
    seeds that use it, so that an action that no seed uses is rare but possible.

    Args:
        catalogue: API by identifier.
        seeds: Rows of `seed_workflows` that training may use.
        held_out: Identifiers that training never sees; without any there is no `ood` pool.
        common: Built-in actions that OOD queries may use beside the held-out APIs.
        ood_share: Share of the `ood` pool.

    Raises:
        ValueError: The share is not from 0 to 1.
        NothingToSampleError: A pool has no API of another app.

    """
    if not 0 <= ood_share <= 1:
        raise ValueError(f"ood_share is {ood_share}; give a value from 0 to 1")
    unseen, shared = frozenset(held_out), frozenset(common)
    usable = [api for api in catalogue.values() if is_usable(api)]
    uses = Counter(api for apis in seeds["apis"].to_list() for api in set(apis))
    if not unseen:
        return (_pool("id", usable, uses, 1.0),)
    seen = [api for api in usable if api.identifier not in unseen]
    builtin_shared = [api for api in seen if api.identifier in shared and api.app == BUILTIN_APP]
    new = [api for api in usable if api.identifier in unseen]
    return _pool("id", seen, uses, 1.0 - ood_share), _pool("ood", new + builtin_shared, uses, ood_share)


def is_usable(api: Api) -> bool:
    """Tell whether an API can be asked for: documented, no part of the language, and the run goes on."""
    return (
        api.origin != "observed"
        and bool(api.description.strip())
        and api.identifier not in CONSTRUCTS | ENDINGS
    )


def _pool(name: PoolName, apis: Iterable[Api], uses: Mapping[str, int], share: float) -> ApiPool:
    builtin: dict[str, int] = {}
    third_party: dict[str, list[str]] = {}
    for api in sorted(apis, key=lambda api: (api.app, api.identifier)):
        if api.app == BUILTIN_APP:
            builtin[api.identifier] = uses.get(api.identifier, 0) + 1
        else:
            third_party.setdefault(api.app, []).append(api.identifier)
    if not third_party:
        raise NothingToSampleError(
            f"the pool `{name}` has no documented API of another app than Apple's Shortcuts"
        )
    return ApiPool(name, builtin, {app: tuple(owned) for app, owned in third_party.items()}, share)
