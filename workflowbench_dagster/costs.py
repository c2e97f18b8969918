"""What costs more than the time of this machine: such stages run only when a person starts them."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

COST_TAG = "workflowbench/cost"
"""Tag of an asset whose stage costs money or GPU time; it says which."""

GPU_TIME = {COST_TAG: "gpu"}
"""Tag of a stage that needs a GPU."""


MONEY = {COST_TAG: "money"}
"""Tag of a stage that asks a server, which may charge for it."""


def is_costly(node: Any) -> bool:
    """Whether a person decides when this asset is made."""
    return COST_TAG in node.tags


def needs_gpu(node: Any) -> bool:
    """Whether this asset is made on a GPU."""
    return bool(node.tags.get(COST_TAG) == GPU_TIME[COST_TAG])


def tagged(tag: Mapping[str, str]) -> dg.AssetSelection:
    """Select the assets with a tag: `GPU_TIME` or `MONEY`."""
    return dg.AssetSelection.tag(COST_TAG, tag[COST_TAG])


def free_of_charge() -> dg.AssetSelection:
    """Select every asset that may be made without asking anybody, and without what costs money before it."""
    return dg.AssetSelection.all() - tagged(GPU_TIME) - tagged(MONEY).downstream()
