"""Checks of the platform."""

import warnings

import dagster as dg

# Checks of one partition are a preview feature; the Dagster version is pinned, and tests cover the feature.
warnings.filterwarnings("ignore", "Specifying a partitions_def on an AssetCheckSpec", dg.PreviewWarning)
