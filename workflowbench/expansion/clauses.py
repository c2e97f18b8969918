"""What an API does as a clause of a request: `Turns Low Power Mode on` becomes `turn Low Power Mode on`."""

import re
from collections.abc import Collection
from functools import cache

from workflowbench.catalogue.api import Api
from workflowbench.thoughts.wording import lower_first, one_line

_CLAUSE_LIMIT = 160
_ASIDE = re.compile(r"\.\s|;|:\s|\s\(|,? e\.g\. ")
_FORMS = {"does": "do", "goes": "go", "has": "have", "is": "be"}
_SIBILANT_END = re.compile(r"(?:ch|sh|ss|x|zz)es")
_FIRST_VERBS = re.compile(r"[\w-]+s(?:, [\w-]+s)*(?:,? (?:and|or) [\w-]+s(?= ))?")
_LATER_VERB = re.compile(
    r"\b(and|or) (does|[a-z-]{3,}s)"
    r"(?= (?:an?|the|its?|them|this|their|such|one|nothing|true|whether|what|how|to|for|until|on)\b)"
)
_VERB = re.compile(r"\b(and|or) ([a-z-]+s)(?= (?:a|an|the|its|it|them|this|true|whether|what|how|to)\b)")
_VERB = re.compile(r"[\w-]+s\b")
_IN_OWN_WORDS = (
    (re.compile(r"\b(let|ask|show|give|tell|log|for) the person\b"), r"\1 me"),
    (re.compile(r"\bthe person's\b"), "my"),
    (re.compile(r"\bthe person is\b"), "I am"),
    (re.compile(r"\bthe person (\w+?)s\b"), r"I \1"),
    (re.compile(r"\bits input\b"), "the previous result"),
    (re.compile(r"\bthe shortcut\b"), "the workflow"),
    (re.compile(r"`"), "'"),
)


def clause_of(api: Api) -> str:
    """Say what an API does as a clause that starts with a bare verb, in the words of a request.

    The clause is the description up to its first aside. A description in the third person, as the shipped
    ones are, is turned into the bare form; any other one is taken to start with the bare form.
    """
    return _clause(api.description)


@cache
def _clause(description: str) -> str:
    core = _ASIDE.split(one_line(description, _CLAUSE_LIMIT).rstrip(". "))[0]
    clause = _bare(lower_first(core))
    for pattern, words in _IN_OWN_WORDS:
        clause = pattern.sub(words, clause)
    return clause


def distinct_clauses(apis: Collection[Api]) -> list[str]:
    """Return a clause for each API; those that would read alike end with the API's title."""
    clauses = [clause_of(api) for api in apis]
    return [
        clause if clauses.count(clause) == 1 else f"{clause} ({lower_first(api.name)})"
        for api, clause in zip(apis, clauses, strict=True)
    ]


def bare_form(verb: str) -> str:
    """Return the bare form of a verb in the third person: `switches` is `switch`, `copies` is `copy`."""
    if verb in _FORMS:
        return _FORMS[verb]
    if verb.endswith("ies") and len(verb) > 4:
        return f"{verb[:-3]}y"
    if _SIBILANT_END.search(verb, len(verb) - 4):
        return verb[:-2]
    return verb.removesuffix("s")


def _bare(clause: str) -> str:
    first = clause.split(" ", 1)[0].rstrip(",")
    if not first.endswith("s") or first.endswith("ss"):
        return clause
    head = _FIRST_VERBS.match(clause)
    assert head is not None
    verbs = _VERB.sub(lambda verb: bare_form(verb[0]), head[0])
    rest = _LATER_VERB.sub(lambda later: f"{later[1]} {bare_form(later[2])}", clause[head.end() :])
    return verbs + rest
