"""The catalogue as a table."""

import json

from workflowbench.catalogue.api import Api, Parameter
from workflowbench.catalogue.collection import Catalogue
from workflowbench.catalogue.frame import catalogue_frame
from workflowbench.catalogue.shipped import builtin_catalogue
from workflowbench.tables import API_CATALOGUE


def test_frame_has_the_schema_of_the_table():
    assert catalogue_frame(builtin_catalogue()).schema == API_CATALOGUE.schema


def test_rows_are_sorted_by_identifier():
    identifiers = catalogue_frame(builtin_catalogue())["identifier"]
    assert identifiers.to_list() == sorted(builtin_catalogue())


def test_only_nullable_columns_have_nulls():
    frame = catalogue_frame(builtin_catalogue())
    with_nulls = {name for name in frame.columns if frame[name].null_count()}
    assert with_nulls == {"input_key", "output_type"}


def test_row_of_one_api():
    api = Api(
        "com.example.do-it",
        name="Do It",
        parameters=(Parameter("x", required=True), Parameter("y")),
        output_name="Result",
        output_types=("NSString", "NSURL"),
        origin="observed",
    )
    (row,) = catalogue_frame(Catalogue([api])).to_dicts()
    assert (row["function"], row["app"], row["origin"]) == ("com_example_do_it", "com_example_do", "observed")
    assert (row["n_parameters"], row["required_parameters"]) == (2, ["x"])
    assert row["output_type"] == "NSString | NSURL"
    assert json.loads(row["json_document"])["name"] == "com.example.do-it"
    assert row["python_stub"].startswith("def com_example_do_it(")


def test_empty_catalogue_is_an_empty_frame():
    assert catalogue_frame(Catalogue()).is_empty()
