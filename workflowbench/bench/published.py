"""Figures printed in the WorkflowLLM paper (arXiv 2411.05451v1): Table 1 and Figure 4.

The paper captions the lower row of Figure 4 as the final dataset. It can only be the synthetic part: with
the collected workflows alone, at least 4.3 % of the final dataset would have fewer than 15 actions, and the
figure shows 0.5 %. It is compared with our synthetic samples here.
"""

from collections.abc import Mapping

Subset = Mapping[str, float]

TABLE_1: Mapping[str, Subset] = {
    "instances": {"seed": 14_771, "synthetic": 91_992, "train": 105_573, "test": 1_190, "all": 106_763},
    "apps": {"seed": 71, "train": 83, "test": 31, "all": 83},
    "apis": {"seed": 584, "train": 1_503, "test": 324, "all": 1_503},
    "categories": {"seed": 28, "train": 28, "test": 28, "all": 28},
    "actions": {"seed": 70.4, "train": 78.5, "test": 41.7},
    "conditionals": {"seed": 12.0, "train": 7.4, "test": 7.9},
    "loops": {"seed": 0.7, "train": 0.5, "test": 0.5},
    "nesting_depth": {"seed": 2.6, "train": 2.7, "test": 2.1},
}
"""Measure to subset to figure. Instances of `synthetic` and the column `all` are from the paper's text."""

ACTIONS: Mapping[str, Subset] = {
    "0-15": {"seed": 31.1, "synthetic": 0.5},
    "15-30": {"seed": 19.3, "synthetic": 5.0},
    "30-45": {"seed": 11.2, "synthetic": 12.9},
    "45-60": {"seed": 7.5, "synthetic": 19.8},
    "60-75": {"seed": 5.3, "synthetic": 20.5},
    "75-90": {"seed": 4.2, "synthetic": 15.8},
    "90-105": {"seed": 3.0, "synthetic": 10.1},
    "105 or more": {"seed": 18.5, "synthetic": 15.5},
}
"""Percent of workflows by number of actions; the lower bound of a bin belongs to it."""

_COLLECTED_CATEGORIES = {
    "Utilities": 40.3,
    "Productivity": 8.7,
    "Games": 6.0,
    "Entertainment": 5.1,
    "Development Tools": 4.3,
    "Reference": 4.1,
    "Lifestyle": 3.6,
    "Social Networking": 2.8,
    "Photo & Video": 2.7,
    "Music": 2.3,
    "Graphics & Design": 2.0,
    "Finance": 2.0,
    "Education": 2.0,
    "Snippets": 1.7,
    "Travel": 1.7,
    "Widgets": 1.6,
    "Weather": 1.5,
    "Health & Fitness": 1.4,
    "Navigation": 1.2,
    "other": 4.9,
}
CATEGORIES: Mapping[str, Subset] = {name: {"seed": value} for name, value in _COLLECTED_CATEGORIES.items()}
"""Percent of workflows by category. The lower row gives each of 28 categories between 3.4 and 3.7."""

APPS: Mapping[str, Subset] = {
    "is_workflow_actions": {"seed": 99.0, "synthetic": 56.3},
    "com_flexibits_fantastical2": {"synthetic": 2.3},
    "com_omnigroup_OmniFocus3": {"synthetic": 1.3},
    "dk_simonbs_DataJar": {"synthetic": 1.2},
    "com_sindresorhus_Actions": {"synthetic": 1.2},
    "net_shinyfrog_bear": {"synthetic": 1.1},
    "com_apple_iWork": {"synthetic": 1.1},
    "com_apple_Notes": {"synthetic": 1.0},
    "com_agiletortoise_Drafts5": {"synthetic": 1.0},
    "app_surfed_app": {"synthetic": 1.0},
    "com_ideasoncanvas_mindnode": {"synthetic": 1.0},
    "other": {"seed": 1.0, "synthetic": 31.4},
}
"""Percent of used APIs by app; `net_shinyfrog_bear` is printed as `net_shinyfrog_beariOS`."""
