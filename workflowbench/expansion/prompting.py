"""The prompt of query expansion: what a model is asked, and the form of its answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workflowbench.catalogue.api import Api
from workflowbench.expansion.api_names import ApiNames
from workflowbench.expansion.example_choice import Example
from workflowbench.expansion.query_rules import WORDS_AROUND, WORDS_PER_API, fault_of
from workflowbench.llm.questions import Question
from workflowbench.llm.templates import load_template
from workflowbench.thoughts.wording import one_line

_TEMPLATE = load_template("workflowbench.expansion", "query_expansion")
PROMPT = _TEMPLATE.name
"""Name and version of the prompt template."""

_TEMPERATURE = 0.8
_LONGEST_READ = 20_000


def question_for(
    id_: str, category: str, apis: Sequence[Api], examples: Sequence[Example], names: ApiNames
) -> Question:
    """Build the question that asks a model for one query.

    Args:
        id_: Stable id of the question.
        category: Category of the query.
        apis: The APIs that the query must need.
        examples: Collected workflows whose queries are shown.
        names: Names that the query must not contain.

    """
    values = {
        "category": category,
        "most_words": WORDS_AROUND + WORDS_PER_API * len(apis),
        "apis": [_document(api) for api in apis],
        "examples": [example.query for example in examples],
    }
    return _TEMPLATE.question(
        id_, values, schema=answer_schema(apis), temperature=_TEMPERATURE, verify=_verifier(apis, names)
    )


def answer_schema(apis: Sequence[Api]) -> dict[str, Any]:
    """Return the JSON schema of the answer: the query, and what each API does in it."""
    use = {
        "type": "object",
        "properties": {"api": {"enum": [api.function for api in apis]}, "purpose": {"type": "string"}},
        "required": ["api", "purpose"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"query": {"type": "string"}, "used_for": {"type": "array", "items": use}},
        "required": ["query", "used_for"],
        "additionalProperties": False,
    }


def read_answer(value: Mapping[str, Any], apis: Sequence[Api]) -> tuple[str, dict[str, str]]:
    """Return the query of an answer on one line, and what each API is used for by identifier."""
    told = {use["api"]: use["purpose"] for use in value["used_for"]}
    return one_line(value["query"], _LONGEST_READ), {
        api.identifier: told.get(api.function, "") for api in apis
    }


def _document(api: Api) -> str:
    document = {
        "api": api.function,
        "title": api.name,
        "description": api.description,
        "parameters": [parameter.key for parameter in api.parameters],
    }
    return json.dumps(document, ensure_ascii=False)


def _verifier(apis: Sequence[Api], names: ApiNames) -> Callable[[Any], str | None]:
    def complaint(value: Any) -> str | None:
        query, used_for = read_answer(value, apis)
        fault = fault_of(query, apis, names, used_for)
        return fault.detail if fault else None

    return complaint
