"""Checks of the platform."""

import warnings

import dagster as dg

# Checks of a partition are a preview feature of the pinned Dagster version; its tests are ours (tests/platform).
warnings.filterwarnings("ignore", "Specifying a partitions_def on an AssetCheckSpec", dg.PreviewWarning)
