"""Resources of the platform."""
