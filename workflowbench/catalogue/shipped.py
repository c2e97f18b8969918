"""The shipped catalogue files: one JSON array of API records per group of apps."""

from functools import cache
from importlib import resources
from typing import Any

import orjson


@cache
def shipped_records() -> tuple[dict[str, Any], ...]:
    """Read every record of `data/*.json`, files in order of name, records as written there."""
    folder = resources.files("workflowbench.catalogue") / "data"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda f: f.name)
    return tuple(record for file in files for record in orjson.loads(file.read_bytes()))
