"""Assets of the platform."""
