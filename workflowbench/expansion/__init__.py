"""Query expansion: which APIs to combine, and queries that need them."""
