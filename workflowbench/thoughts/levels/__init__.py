"""The levels of hierarchical thoughts by a language model: what each asks, and what it accepts."""
