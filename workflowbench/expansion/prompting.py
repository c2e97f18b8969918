"""The prompt of query expansion: what a model is asked, and the form of its answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from workflowbench.catalogue.api import Api
from workflowbench.expansion.api_names import ApiNames
from workflowbench.expansion.example_choice import Example
from workflowbench.expansion.query_rules import WORDS_AROUND, WORDS_PER_API, fault_of
from workflowbench.llm.questions import Question

PROMPT = "query-expansion@1"
"""Name and version of the prompt template."""

_TEMPERATURE = 0.8
_MAX_TOKENS = 2048
_TEMPLATES = Environment(
    loader=PackageLoader("workflowbench.expansion"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - prompts are no HTML; data enters as JSON
)


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
    template = _TEMPLATES.get_template("query_expansion.jinja2")
    values = {
        "category": category,
        "most_words": WORDS_AROUND + WORDS_PER_API * len(apis),
        "apis": [_document(api) for api in apis],
        "examples": [example.query for example in examples],
    }
    context = template.new_context(values)
    system, user = ("".join(template.blocks[block](context)) for block in ("system", "user"))
    return Question(
        id_,
        PROMPT,
        system,
        user,
        schema=answer_schema(apis),
        max_tokens=_MAX_TOKENS,
        temperature=_TEMPERATURE,
        verify=_verifier(apis, names),
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
    return " ".join(value["query"].split()), {api.identifier: told.get(api.function, "") for api in apis}


def _document(api: Api) -> dict[str, object]:
    return {
        "api": api.function,
        "title": api.name,
        "description": api.description,
        "parameters": [parameter.key for parameter in api.parameters],
    }


def _verifier(apis: Sequence[Api], names: ApiNames) -> Callable[[Any], str | None]:
    def complaint(value: Any) -> str | None:
        query, used_for = read_answer(value, apis)
        fault = fault_of(query, apis, names, used_for)
        return fault.detail if fault else None

    return complaint
