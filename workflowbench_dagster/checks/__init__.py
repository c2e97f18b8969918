"""Checks of the platform."""
