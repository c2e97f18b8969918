"""The shipped catalogue: `data/*.json`, one array of API records per group of apps, sorted by identifier.

A record has `identifier`, `name`, `category` and `description`, and what applies of `parameters` (each with
`key`, `type` and what applies of `required`, `default`, `enum`, `description`), `input` (`key`, `types`) and
`output` (`name`, `types`). Without `output` there is none; an empty one is not known by name.
"""

from functools import cache
from importlib import resources
from typing import Any

import orjson

from workflowbench.catalogue.api import Api, Parameter
from workflowbench.catalogue.collection import Catalogue


@cache
def shipped_records() -> tuple[dict[str, Any], ...]:
    """Read every record of `data/*.json`, files in order of name, records as written there."""
    folder = resources.files("workflowbench.catalogue") / "data"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda f: f.name)
    return tuple(record for file in files for record in orjson.loads(file.read_bytes()))


@cache
def builtin_catalogue() -> Catalogue:
    """Load the shipped catalogue: Apple's actions and those of the most common other apps."""
    return Catalogue(_api(record) for record in shipped_records())


def _api(record: dict[str, Any]) -> Api:
    taken, output = record.get("input", {}), record.get("output")
    return Api(
        identifier=record["identifier"],
        name=record["name"],
        category=record["category"],
        description=record["description"],
        parameters=tuple(_parameter(definition) for definition in record.get("parameters", ())),
        input_key=taken.get("key"),
        input_types=tuple(taken.get("types", ())),
        output_name=None if output is None else output.get("name", ""),
        output_types=() if output is None else tuple(output.get("types", ())),
    )


def _parameter(definition: dict[str, Any]) -> Parameter:
    return Parameter(
        key=definition["key"],
        type=definition["type"],
        required=definition.get("required", False),
        default=definition.get("default"),
        enum=tuple(definition.get("enum", ())),
        description=definition.get("description", ""),
    )
