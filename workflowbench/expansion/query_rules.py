"""The rules that a query must keep: its length, its language, no API named, every API needed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from workflowbench.catalogue.api import Api
from workflowbench.expansion.api_names import ApiNames

FEWEST_WORDS = 8
"""Words of the shortest query that is kept; the published ones have 22 to 68."""
WORDS_PER_API, WORDS_AROUND = 14, 40
"""Words of the longest query that is kept: so many for each API, and so many around them."""
LATIN_SHARE = 0.9
"""Share of the letters of a query that are Latin ones, at least."""

_WORD = re.compile(r"[^\W\d_]+")
_STEM = 5
_SHORTEST = 2
_SAYS_NOTHING = frozenset(
    re.findall(
        r"\w+",
        """
        a all an and another any app are as at by can for from get gets given has have if in into is it its
        make makes new not of off on one open opens or other out return returns set sets show shows some that
        the their them this to turn turns use used uses using value what when where which whether with
        """,
    )
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that a query breaks: its short stable name, what was found, limit and value if it has them."""

    rule: str
    detail: str
    threshold: float | None = None
    observed: float | None = None


def fault_of(
    query: str, apis: Sequence[Api], names: ApiNames, used_for: Mapping[str, str] | None = None
) -> Fault | None:
    """Return the first rule that a query breaks, or None.

    Args:
        query: The query.
        apis: The APIs that it was written for.
        names: The names that it must not contain.
        used_for: What each API does for the request by identifier, where a model was asked to say so.

    """
    n_words, most = len(query.split()), WORDS_AROUND + WORDS_PER_API * len(apis)
    if n_words < FEWEST_WORDS:
        detail = f"The query has {n_words} words; say in {FEWEST_WORDS} or more what is wanted."
        return Fault("too_short", detail, FEWEST_WORDS, n_words)
    if n_words > most:
        return Fault("too_long", f"The query has {n_words} words; say it in at most {most}.", most, n_words)
    if (share := latin_share(query)) < LATIN_SHARE:
        return Fault(
            "wrong_language", "The query is not in English; write it in English.", LATIN_SHARE, share
        )
    if name := names.found_in(query):
        return Fault("names_an_api", f"The query names the API `{name}`; say what is wanted instead.")
    untold = [] if used_for is None else [api for api in apis if not used_for[api.identifier].strip()]
    if untold:
        return Fault(
            "use_not_told", f"`used_for` does not say what {untold[0].function} does for the request."
        )
    if unused := unreflected(query, apis, used_for):
        detail = f"Nothing in the query asks for {unused[0].name or unused[0].identifier}."
        return Fault("api_not_needed", detail, len(apis), len(apis) - len(unused))
    return None


def latin_share(text: str) -> float:
    """Return the share of ASCII letters among the letters of a text; 0 without any letter."""
    letters = [char for char in text if char.isalpha()]
    return sum(map(str.isascii, letters)) / len(letters) if letters else 0.0


def unreflected(query: str, apis: Sequence[Api], used_for: Mapping[str, str] | None = None) -> list[Api]:
    """Return the APIs of which a query says nothing.

    An API is reflected where the query holds a telling word of its title or description, or of what it is
    said to be used for; words are compared by their first five letters. An API without telling words counts
    as reflected. The rule finds omissions; it cannot prove that an API is needed.

    Args:
        query: The query.
        apis: The APIs.
        used_for: What each API does in the request by identifier, where a model said so.

    """
    said = stems(query)
    told = used_for or {}
    documented = [
        (api, _document_stems(f"{api.name} {api.description}") | stems(told.get(api.identifier, "")))
        for api in apis
    ]
    return [api for api, words in documented if words and not words & said]


def stems(text: str) -> frozenset[str]:
    """Return the first five letters of each telling word of a text, in lower case, without a final `s`."""
    words = (word.lower() for word in _WORD.findall(text))
    telling = (word for word in words if len(word) >= _SHORTEST and word not in _SAYS_NOTHING)
    return frozenset(word.rstrip("s")[:_STEM] for word in telling)


@cache
def _document_stems(document: str) -> frozenset[str]:
    """The stems of an API's document, which many queries are compared with."""
    return stems(document)
