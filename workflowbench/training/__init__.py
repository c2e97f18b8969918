"""Supervised fine-tuning of causal language models with transformers and DeepSpeed.

Only `sft` and `tiny_model` need torch; they are for the GPU environment.
"""
