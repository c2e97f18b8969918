"""The WorkflowBench library: everything about the dataset that is true without an orchestrator."""
