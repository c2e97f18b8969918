"""Jobs of the platform."""
