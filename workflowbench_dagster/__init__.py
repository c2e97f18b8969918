"""The platform: Dagster assets, checks, resources and jobs around the WorkflowBench library."""
