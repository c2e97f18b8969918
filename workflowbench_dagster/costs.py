"""What costs more than the time of this machine: such stages run only when a person starts them."""

from typing import Any

import dagster as dg

COST_TAG = "workflowbench/cost"
"""Tag of an asset whose stage costs money or GPU time; it says which."""

GPU_TIME = {COST_TAG: "gpu"}
"""Tag of a stage that needs a GPU."""


def is_costly(node: Any) -> bool:
    """Whether a person decides when this asset is made."""
    return COST_TAG in node.tags


def free_of_charge() -> dg.AssetSelection:
    """Select every asset that may be made without asking anybody."""
    costly = dg.AssetSelection.tag(COST_TAG, GPU_TIME[COST_TAG])
    return dg.AssetSelection.all() - costly
