"""A small catalogue and the programs that it documents."""

import pytest

from workflowbench.catalogue.api import Api, Parameter
from workflowbench.catalogue.collection import Catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Four APIs: one that fetches, one that speaks, one that counts, and one that stops."""
    return Catalogue(
        [
            Api(
                "com.example.app.fetch-page",
                "Fetch Page",
                parameters=(
                    Parameter("Address", "url", required=True),
                    Parameter("Times", "integer"),
                    Parameter("Method", "enum", enum=("GET", "POST")),
                    Parameter("Keep", "boolean"),
                    Parameter("Show-headers", "boolean"),
                ),
                output_name="Page",
            ),
            Api(
                "is.workflow.actions.speaktext",
                "Speak Text",
                parameters=(Parameter("WFText", "string", required=True),),
                input_key="WFText",
            ),
            Api("is.workflow.actions.exit", "Stop This Shortcut"),
            Api("is.workflow.actions.battery", "Get Battery Level", output_name="Battery Level"),
        ]
    )
