"""Programs that run outside Dagster, on GPU machines; they import dagster_pipes, never dagster."""
