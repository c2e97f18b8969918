"""Shortcuts: bytes to actions to Python, and back."""
