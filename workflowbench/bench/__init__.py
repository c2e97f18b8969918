"""WorkflowBench: deduplication, splits, statistics, lineage and the release."""
