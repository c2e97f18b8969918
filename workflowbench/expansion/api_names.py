"""Whether a text names an API: a query says what is wanted, never which API does it."""

import re
from collections.abc import Iterable, Iterator

from workflowbench.catalogue.api import Api, function_name

_JOINED = re.compile(r"[\w.-]+", re.ASCII)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*", re.ASCII)
_HUMP = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_BUILTIN = "is_workflow_"
_SUFFIXES = ("Intent", "Action")
_LONGEST_WORD = 13
_SHORTEST_PART = 3


class ApiNames:
    """The names of a catalogue's APIs, in every spelling that gives an API away.

    These are its identifier and its function name, in any case, and the compound in them that is no English
    word: the camel case of `DetectFacesIntent`, with and without its suffix, and runs of words such as
    `downloadurl`. A compound that is the name of an app or a word of some API's title is no such name.
    """

    def __init__(self, apis: Iterable[Api]) -> None:
        listed = list(apis)
        self._functions = {api.function.lower() for api in listed}
        told = {word.lower() for api in listed for word in _WORD.findall(f"{api.name} {api.description}")}
        self._compounds = {
            compound.lower() for api in listed for compound in _compounds(api) if compound.lower() not in told
        }

    def found_in(self, text: str) -> str | None:
        """Return the first name of an API in a text, as it stands there, or None."""
        for token in _JOINED.findall(text):
            if token.isalnum():
                continue
            spelled: str = token.strip(".-")
            name = function_name(spelled).lower()
            if name in self._functions or name.startswith(_BUILTIN):
                return spelled
        return next((word for word in _WORD.findall(text) if word.lower() in self._compounds), None)


def _compounds(api: Api) -> Iterator[str]:
    last = api.identifier.rsplit(".", 1)[-1]
    for word in _WORD.findall(last):
        for form in {word, *(word.removesuffix(suffix) for suffix in _SUFFIXES)}:
            if len(_HUMP.findall(form)) > 1 or _is_run_of_words(form, api.name):
                yield form


def _is_run_of_words(word: str, title: str) -> bool:
    """Tell whether a word of one hump is several written as one: long, or with a word of the title inside."""
    parts = (part.lower() for part in _WORD.findall(title) if len(part) >= _SHORTEST_PART)
    return len(word) >= _LONGEST_WORD or any(part in word.lower() and part != word.lower() for part in parts)
