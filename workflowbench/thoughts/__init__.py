"""Hierarchical thoughts: names, comments, task plan and query for a workflow."""
