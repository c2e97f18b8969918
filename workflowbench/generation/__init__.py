"""Annotators: programs and plans for queries, by retrieval or by a model."""
