import json
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import pytest

from workflowbench.catalogue.api import Api, Parameter
from workflowbench.tables import TRANSCRIBED_WORKFLOWS


def _api(name: str, title: str, description: str, output: str | None = None, *parameters: Parameter) -> Api:
    identifier = f"is.workflow.actions.{name}"
    return Api(identifier, title, description=description, output_name=output, parameters=parameters)


@pytest.fixture(scope="session")
def catalogue() -> Mapping[str, Api]:
    apis = (
        _api("gettext", "Text", "Holds a text.", "Text"),
        _api("url", "URL", "Passes on a web address.", "URL"),
        _api("downloadurl", "Get Contents of URL", "Makes an HTTP request.", "Contents of URL",
             Parameter("WFHTTPMethod", "enum", description="method"), Parameter("WFURL", "url")),
        _api("getvalueforkey", "Get Dictionary Value", "Looks up a key.", "Dictionary Value"),
        _api("dictionary", "Dictionary", "Holds a dictionary.", "Dictionary"),
        _api("ask", "Ask for Input", "Asks the person.", "Provided Input"),
        _api("detect.dictionary", "Get Dictionary", "Parses JSON into a dictionary.", "Dictionary"),
        _api("lowpowermode.set", "Set Low Power Mode", "Turns Low Power Mode on or off.", None,
             Parameter("OnValue", "boolean", description="True turns it on, false off."),
             Parameter("operation", "enum")),
        _api("number", "Number", "Passes on a number, large or small.", "Number"),
        _api("notification", "Show Notification", "Shows a notification; it waits for nobody.", None,
             Parameter("WFNotificationActionBody", "string", description="body"),
             Parameter("WFNotificationActionTitle", "string", description="title")),
    )  # fmt: skip
    return {api.identifier: api for api in apis}


@pytest.fixture(scope="session")
def transcribed_row() -> Callable[..., dict[str, Any]]:
    """Builds a row of `transcribed_workflows` around a program."""

    def build(code: str, **columns: object) -> dict[str, Any]:
        row: dict[str, Any] = {
            "raw_id": "raw-1",
            "workflow_id": "workflow-1",
            "scrape": "folder-1",
            "title": "Weather",
            "description": None,
            "categories": [],
            "code": code,
            "apis": [],
            "n_actions": 1,
            "n_conditionals": 0,
            "n_loops": 0,
            "nesting_depth": 0,
            "tokens": [],
            "variables": json.dumps({}),
            "repairs": [],
            "signed_by": "none",
            "parses": True,
            "round_trip": True,
            "round_trip_id": "workflow-1",
        }
        return row | columns

    return build


@pytest.fixture(scope="session")
def transcribed(transcribed_row: Callable[..., dict[str, Any]]) -> Callable[..., pl.DataFrame]:
    """Builds a frame of `transcribed_workflows` from programs, one row each."""

    def build(*programs: str) -> pl.DataFrame:
        rows = [
            transcribed_row(code, raw_id=f"raw-{number}", workflow_id=f"workflow-{number}")
            for number, code in enumerate(programs)
        ]
        return TRANSCRIBED_WORKFLOWS.frame(rows)

    return build
