"""Level 4: the query, as a person would ask for the workflow."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from workflowbench.llm.questions import Question
from workflowbench.llm.templates import load_template
from workflowbench.thoughts.levels.answers import TEXT, record
from workflowbench.thoughts.levels.claims import Grounds, prose_fault, subjects_in
from workflowbench.thoughts.levels.draft import Draft, Step
from workflowbench.thoughts.levels.facts import called_api, read_facts
from workflowbench.thoughts.plan import main_actions
from workflowbench.thoughts.program import Program

_QUERY = record(query=TEXT)
_TOKENS = 1024
_FEWEST_WORDS, _MOST_WORDS = 6, 120
_MAIN_ACTIONS = 4
_REQUEST = re.compile(
    r"\b(?:please|(?:can|could|would|will) you|help me|(?:i|we) (?:want|need|would like|wish)|i['’]d like"  # noqa: RUF001
    r"|(?:i am|i['’]m) looking|give me|show me|tell me|let me|make|create|build|set up|write|design)\b",  # noqa: RUF001
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_STEM_LETTERS = 5
_COMMON = frozenset(
    re.findall(
        r"\w+",
        """
        about after action actions all and any are ask asks back been before being but can could current
        does each every file first for from get gets give given gives has have help how into its item items
        keep let like list make makes more name need new next not number one only other out put result
        return returns run runs save see set sets shortcut show shows some step steps take takes text that
        the their them then there these they this those through time use used user uses using value values
        variable via want was way what when where whether which who will with workflow would you your
        """,
    )
)
"""Words that any query and any comment may share."""


@dataclass(frozen=True, slots=True)
class Query:
    """Asks for the query."""

    name: str = "query"

    def questions(self, draft: Draft, program: Program) -> Iterator[Question]:
        """Ask once, from the plan and what the author says."""
        grounds = read_facts(program, draft.comments).everywhere()
        grounds = replace(grounds, subjects=grounds.subjects | subjects_in([draft.row["title"]]))
        main_parts = _main_parts(draft, program)
        yield load_template(__package__, "query").question(
            f"{draft.id}/{self.name}",
            {**draft.about, "plan": _plan_lines(draft.plan), "main": "\n".join(main_parts)},
            schema=_QUERY,
            max_tokens=_TOKENS,
            verify=_verifier(grounds, main_parts),
        )

    def settle(self, draft: Draft, answers: Sequence[Mapping[str, str]]) -> Draft:
        """Take the query."""
        (answer,) = answers
        return replace(draft, query=answer["query"].strip())


def _plan_lines(plan: Sequence[Step]) -> str:
    return "\n".join(f"- {'; '.join(step.texts)}" for step in plan)


def _main_parts(draft: Draft, program: Program) -> dict[str, frozenset[str]]:
    """Each main action of the program, told by its comment, with the word stems that may stand for it."""
    numbers = {statement.node: number for number, statement in enumerate(program.statements, start=1)}
    parts = {}
    for node in main_actions(program.tree, program.vocabulary, _MAIN_ACTIONS).values():
        api = called_api(node, program.vocabulary)
        if api and node in numbers:
            comment = draft.comments[numbers[node] - 1]
            step = next(step for step in draft.plan if step.last >= numbers[node])
            parts[comment] = _stems(f"{api.name} {api.description} {comment} {' '.join(step.texts)}")
    return parts


def _stems(text: str) -> frozenset[str]:
    """Beginnings of the telling words of a text, so that `translated` and `translation` meet."""
    return frozenset(word[:_STEM_LETTERS] for word in _WORD.findall(text.lower()) if word not in _COMMON)


def _verifier(
    grounds: Grounds, main_parts: Mapping[str, frozenset[str]]
) -> Callable[[Mapping[str, str]], str | None]:
    def verify(answer: Mapping[str, str]) -> str | None:
        query = answer["query"].strip()
        return (
            _form_fault(query) or prose_fault([query], grounds) or _coverage_fault(query, main_parts) or None
        )

    return verify


def _form_fault(query: str) -> str:
    """Say why a text is no request of a person on one line; empty if it is one."""
    if not query.isprintable():
        return "is not one line of printable characters"
    if not _FEWEST_WORDS <= len(query.split()) <= _MOST_WORDS:
        return f"must have {_FEWEST_WORDS} to {_MOST_WORDS} words"
    if not query.endswith(("?", ".", "!")) or not ("?" in query or _REQUEST.search(query)):
        return "must be a question or a request, in whole sentences"
    return ""


def _coverage_fault(query: str, main_parts: Mapping[str, frozenset[str]]) -> str:
    """Say which main actions a query leaves out, if it shares no word with more than half of them."""
    stems = _stems(query)
    missing = [comment for comment, words in main_parts.items() if words and not words & stems]
    return f"does not ask for: {'; '.join(missing)}" if 2 * len(missing) > len(main_parts) else ""
