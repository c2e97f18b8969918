"""APIs as they are seen in collected workflows: keys and the types of their values, nothing more."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from workflowbench.catalogue.api import Api, Parameter
from workflowbench.catalogue.collection import Catalogue

_BOOKKEEPING = frozenset(
    {"UUID", "GroupingIdentifier", "WFControlFlowMode", "CustomOutputName", "AppIntentDescriptor"}
)
"""Keys that Shortcuts itself adds to an action: its id, block, name of its output, and the intent it runs."""

OBSERVED = "Observed in collected workflows."
"""Description that marks an API or a parameter that no documentation names."""

_SERIALISED = {
    "WFTextTokenString": "string",
    "WFDictionaryFieldValue": "dictionary",
    "WFArrayParameterState": "array",
    "WFQuantityFieldValue": "quantity",
}
"""Type by `WFSerializationType`; of a variable, `WFTextTokenAttachment`, the type is not known."""


def observed_apis(calls: Iterable[tuple[str, Mapping[str, object]]]) -> Catalogue:
    """Describe the APIs of calls, each an identifier with the parameters of one action.

    A parameter is never required and has neither default nor enum: seeing values says nothing about others.
    Its type is the one that all its values share, or `any`.
    """
    seen: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for identifier, parameters in calls:
        types = seen[identifier]
        for key, value in parameters.items():
            if key not in _BOOKKEEPING:
                types[key].add(_type(value))
    return Catalogue(_api(identifier, types) for identifier, types in seen.items())


def _api(identifier: str, types: Mapping[str, set[str]]) -> Api:
    parameters = tuple(
        Parameter(key, _common(kinds), description=OBSERVED) for key, kinds in sorted(types.items())
    )
    name = identifier.rsplit(".", 1)[-1]
    return Api(
        identifier, name, description=OBSERVED, parameters=parameters, output_name="", origin="observed"
    )


def _common(kinds: set[str]) -> str:
    known = kinds - {"any"}
    if known == {"integer", "number"}:
        return "number"
    return known.pop() if len(known) == 1 else "any"


def _type(value: object) -> str:
    if isinstance(value, Mapping):
        kind = value.get("WFSerializationType")
        return "dictionary" if kind is None else _SERIALISED.get(str(kind), "any")
    for python, kind in _PLAIN:
        if isinstance(value, python):
            return kind
    return "any"


_PLAIN: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (bytes, "file"),
    (date, "date"),
    (list, "array"),
)
"""Type by Python class, in this order: a `bool` is an `int`, too."""
