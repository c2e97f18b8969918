"""Level 1: readable names for the results whose names say little."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count

from workflowbench.llm.questions import Question
from workflowbench.llm.templates import load_template
from workflowbench.shortcuts.names import is_plain
from workflowbench.thoughts.levels.answers import in_order, numbered_texts
from workflowbench.thoughts.levels.draft import Draft
from workflowbench.thoughts.listing import shorten, windows
from workflowbench.thoughts.names import default_names, generic_results, is_numbered, names_in, says_nothing
from workflowbench.thoughts.program import Program, ProgramReader
from workflowbench.thoughts.renaming import rename

_LEGAL = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_LONGEST = 40
_SHOWN_STATEMENTS = 4
_STATEMENT_CHARACTERS = 300
_TOKENS_PER_NAME = 32
_TOKENS_AROUND = 256


@dataclass(frozen=True, slots=True)
class Names:
    """Asks for a name for each generic or numbered result.

    Attributes:
        reader: Reads the program that is renamed.
        window: Results in one question, at most.

    """

    reader: ProgramReader
    window: int
    name: str = "names"

    def questions(self, draft: Draft, program: Program) -> Iterator[Question]:
        """Ask in windows of results, each shown in the statement that makes it and the next that use it."""
        results = _results(draft, program)
        asked = [(name, default_names(value, program.vocabulary)) for name, value in results.items()]
        taken = _taken(draft, program)
        shown = _shown(results, program)
        for index, window in enumerate(windows([len(text) for text in shown], self.window)):
            numbered = (f"{number}. {shown[place]}" for number, place in enumerate(window, start=1))
            yield load_template(__package__, "names").question(
                f"{draft.id}/{self.name}/{index}",
                {**draft.about, "results": "\n".join(numbered)},
                schema=numbered_texts(len(window)),
                max_tokens=_TOKENS_PER_NAME * len(window) + _TOKENS_AROUND,
                verify=_verifier(asked[window.start : window.stop], taken),
            )

    def settle(self, draft: Draft, answers: Sequence[Mapping[str, str]]) -> Draft:
        """Rename; where two windows chose the same name, that of the later result gets a number.

        Raises:
            SyntaxError: A name stands where it cannot be replaced.

        """
        program = self.reader.read(draft.code)
        chosen = [name for answer in answers for name in in_order(answer)]
        taken = set(_taken(draft, program))
        renamed: dict[str, str] = {}
        for old, new in zip(_results(draft, program), chosen, strict=True):
            renamed[old] = _free(new, taken)
            taken.add(renamed[old])
        return replace(draft, renamed=renamed, code=rename(program.code, program.tree, renamed))


def _results(draft: Draft, program: Program) -> dict[str, ast.expr]:
    return generic_results(program.tree, program.vocabulary, draft.recorded)


def _taken(draft: Draft, program: Program) -> frozenset[str]:
    return frozenset(names_in(program.tree) | set(draft.recorded))


def _free(name: str, taken: set[str]) -> str:
    return next(
        free for free in chain([name], (f"{name}_{number}" for number in count(2))) if free not in taken
    )


def _shown(names: Iterable[str], program: Program) -> list[str]:
    """Each result as a prompt shows it: the first statements in which its name stands."""
    places: dict[str, list[str]] = {name: [name] for name in names}
    for statement in program.statements:
        for name in sorted(_names_at(statement.node) & places.keys()):
            if len(places[name]) <= _SHOWN_STATEMENTS:
                places[name].append(shorten(statement.text, _STATEMENT_CHARACTERS))
    return ["\n   ".join(lines) for lines in places.values()]


def _names_at(node: ast.stmt) -> set[str]:
    """Names in a statement; of a block, in its head."""
    parts = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
    return {inner.id for part in parts for inner in ast.walk(part) if isinstance(inner, ast.Name)}


def _verifier(
    asked: Sequence[tuple[str, frozenset[str]]], taken: frozenset[str]
) -> Callable[[Mapping[str, str]], str | None]:
    def verify(answer: Mapping[str, str]) -> str | None:
        new_names = Counter(answer.values())
        faults = []
        for number, (old, defaults) in enumerate(asked, start=1):
            new = answer[str(number)]
            if fault := _fault(new, defaults, taken, new_names):
                faults.append(f"{number} ({old}): `{shorten(new, _LONGEST)}` {fault}")
        return "; ".join(faults) or None

    return verify


def _fault(name: str, defaults: frozenset[str], taken: frozenset[str], new_names: Counter[str]) -> str:
    """Say what is wrong with a name; empty if nothing is."""
    if not _LEGAL.fullmatch(name) or len(name) > _LONGEST:
        return f"is not lower_case_with_underscores of at most {_LONGEST} characters"
    if not is_plain(name):
        return "is a reserved word"
    if name in taken:
        return "is a name of the program already"
    if new_names[name] > 1:
        return "is given to several results"
    if says_nothing(name, defaults) or is_numbered(name, taken | new_names.keys()):
        return "says nothing of this result"
    return ""
