"""Inference jobs: files of chat requests answered by a model on a GPU machine, or on a CPU.

Only the engines need torch or vLLM; each is imported where it is chosen.
"""
