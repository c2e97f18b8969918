"""A catalogue: APIs by identifier, and how two catalogues are brought together."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from workflowbench.catalogue.api import Api, Parameter

logger = logging.getLogger(__name__)

_API_FACTS = ("name", "category", "description", "input_key", "input_types")
_PARAMETER_FACTS = ("type", "default", "enum", "description")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two catalogues state different facts: what was kept, and what the other one says."""

    identifier: str
    key: str | None
    fact: str
    kept: object
    other: object


class Catalogue(Mapping[str, Api]):
    """An immutable mapping from identifier to API, in the order of the identifiers."""

    def __init__(self, apis: Iterable[Api] = ()) -> None:
        listed = sorted(apis, key=lambda api: api.identifier)
        self._apis = {api.identifier: api for api in listed}
        for api, following in pairwise(listed):
            if api.identifier == following.identifier:
                raise ValueError(f"{api.identifier} occurs twice; bring two sources together with `merged`")

    def __getitem__(self, identifier: str) -> Api:
        return self._apis[identifier]

    def __iter__(self) -> Iterator[str]:
        return iter(self._apis)

    def __len__(self) -> int:
        return len(self._apis)

    @cached_property
    def by_function(self) -> Mapping[str, Api]:
        """APIs by their Python name; of identifiers that share one, the first in order (see `collisions`)."""
        return {api.function: api for api in reversed(self._apis.values())}

    @cached_property
    def identifiers(self) -> Mapping[str, str]:
        """Identifiers by Python name, as `compile_program` takes them."""
        return {name: api.identifier for name, api in self.by_function.items()}

    @cached_property
    def collisions(self) -> Mapping[str, tuple[str, ...]]:
        """Python names that several identifiers share, with those identifiers."""
        sharing: defaultdict[str, list[str]] = defaultdict(list)
        for api in self._apis.values():
            sharing[api.function].append(api.identifier)
        return {name: tuple(identifiers) for name, identifiers in sharing.items() if len(identifiers) > 1}

    def merged(self, other: "Catalogue") -> "Catalogue":
        """Fill the gaps of this catalogue from another one.

        An API or a parameter that only the other one knows is taken whole. Of one that both know, each fact
        that is stated here stays, and the other one fills only what is missing here; but an API that was
        only observed adds nothing but its further parameters to a documented one. Contradictions are logged,
        and `contradictions` lists them beforehand: the catalogue to be trusted more comes first.
        """
        for found in self.contradictions(other):
            told = (found.identifier, found.key or "", found.fact, found.kept, found.other)
            logger.warning("%s %s: kept %s %r, not %r", *told)
        return Catalogue(
            _merged(self[identifier], other[identifier])
            if identifier in self and identifier in other
            else self.get(identifier) or other[identifier]
            for identifier in self.keys() | other.keys()
        )

    def contradictions(self, other: "Catalogue") -> tuple[Contradiction, ...]:
        """List where another catalogue states a different fact; observed facts contradict nothing."""
        return tuple(
            found
            for identifier in self
            if identifier in other and "observed" not in (self[identifier].origin, other[identifier].origin)
            for found in _contradictions(self[identifier], other[identifier])
        )


def _merged(api: Api, other: Api) -> Api:
    if (api.origin == "observed") == (other.origin == "observed"):
        return _filled(api, other)
    documented, seen = (other, api) if api.origin == "observed" else (api, other)
    known = {parameter.key for parameter in documented.parameters}
    added = tuple(parameter for parameter in seen.parameters if parameter.key not in known)
    return replace(documented, parameters=documented.parameters + added)


def _filled(api: Api, other: Api) -> Api:
    theirs = {parameter.key: parameter for parameter in other.parameters}
    known = {parameter.key for parameter in api.parameters}
    parameters = tuple(
        _filled_parameter(parameter, theirs[parameter.key]) if parameter.key in theirs else parameter
        for parameter in api.parameters
    ) + tuple(parameter for parameter in other.parameters if parameter.key not in known)
    return replace(api, parameters=parameters, **_missing(api, other, _API_FACTS), **_output(api, other))


def _output(api: Api, other: Api) -> dict[str, Any]:
    """Fill name and types of an output; that an action has none is a fact, not a gap."""
    if api.output_name is None:
        return {}
    return {
        "output_name": api.output_name or other.output_name or "",
        "output_types": api.output_types or other.output_types,
    }


def _filled_parameter(parameter: Parameter, other: Parameter) -> Parameter:
    filled = replace(parameter, **_missing(parameter, other, _PARAMETER_FACTS))
    return replace(filled, required=filled.required and filled.default is None)


def _missing(ours: object, theirs: object, facts: Iterable[str]) -> dict[str, Any]:
    return {fact: getattr(theirs, fact) for fact in facts if not _is_stated(getattr(ours, fact))}


def _contradictions(api: Api, other: Api) -> Iterator[Contradiction]:
    if (api.output_name is None) != (other.output_name is None):
        yield Contradiction(api.identifier, None, "output_name", api.output_name, other.output_name)
    for fact in _differing(api, other, ("input_key", "output_name")):
        yield Contradiction(api.identifier, None, fact, getattr(api, fact), getattr(other, fact))
    theirs = {parameter.key: parameter for parameter in other.parameters}
    for ours in api.parameters:
        for fact in _differing(ours, theirs.get(ours.key, ours), ("type", "default", "enum")):
            stated = getattr(theirs[ours.key], fact)
            yield Contradiction(api.identifier, ours.key, fact, getattr(ours, fact), stated)


def _differing(ours: object, theirs: object, facts: Iterable[str]) -> Iterator[str]:
    for fact in facts:
        kept, stated = getattr(ours, fact), getattr(theirs, fact)
        if _is_stated(kept) and _is_stated(stated) and _unordered(kept) != _unordered(stated):
            yield fact


def _unordered(fact: object) -> object:
    return frozenset(fact) if isinstance(fact, tuple) else fact


def _is_stated(fact: object) -> bool:
    return fact not in (None, "", (), "any")
