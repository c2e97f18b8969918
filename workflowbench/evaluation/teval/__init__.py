"""The PLAN part of T-Eval (Chen et al. 2024, arXiv 2312.14033): data, parsing, matching and chance level."""
