"""The catalogue as the table `api_catalogue`."""

import json

import polars as pl

from workflowbench.catalogue.api import Api
from workflowbench.catalogue.collection import Catalogue
from workflowbench.catalogue.rendering import api_document, python_stub
from workflowbench.tables import API_CATALOGUE


def catalogue_frame(catalogue: Catalogue) -> pl.DataFrame:
    """Write a catalogue as rows of `api_catalogue`, in the order of the identifiers."""
    return API_CATALOGUE.frame(_row(api) for api in catalogue.values())


def _row(api: Api) -> dict[str, object]:
    return {
        "identifier": api.identifier,
        "function": api.function,
        "name": api.name,
        "app": api.app,
        "category": api.category,
        "description": api.description,
        "origin": api.origin,
        "input_key": api.input_key,
        "output_type": None if api.output_name is None else " | ".join(api.output_types) or "any",
        "n_parameters": len(api.parameters),
        "required_parameters": list(api.required_keys),
        "json_document": json.dumps(api_document(api), ensure_ascii=False),
        "python_stub": python_stub(api),
    }
