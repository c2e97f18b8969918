"""The task plan: a numbered list of steps made from the tree of a program.

Straight-line runs are grouped into steps, each block is a step of its own with its branches named. The plan
starts with Start and ends with End, as the published plans do.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from workflowbench.catalogue.api import Api
from workflowbench.shortcuts.names import INPUTS
from workflowbench.thoughts.action_sentences import PLUMBING
from workflowbench.thoughts.statements import choice, is_bookkeeping, sentence
from workflowbench.thoughts.vocabulary import Vocabulary, branches_of, statements_of
from workflowbench.thoughts.wording import one_line, quote

Step = tuple[str, Sequence[str]]
"""Title of a step, and its details."""

_INPUT = INPUTS["ExtensionInput"]
_RUN_LENGTH = 4
"""Statements in one step, at least."""
_MOST_RUNS = 25
_SHOWN = 6
_MOST_DETAILS = 30
_DEEPEST = 3
_TITLE_LIMIT = 70
_LINE_LIMIT = 110


def task_plan(tree: ast.Module, vocabulary: Vocabulary, title: str, *, takes_input: bool = False) -> str:
    """Write the plan of a program, one numbered step per group of statements, with indented details.

    Args:
        tree: The program.
        vocabulary: What its statements stand for.
        title: Title of the workflow.
        takes_input: Whether the program uses the input that the workflow is given.

    """
    return numbered_plan(_steps(tree.body, vocabulary), title, takes_input=takes_input)


def numbered_plan(steps: Iterable[Step], title: str, *, takes_input: bool) -> str:
    """Number the steps of a plan between Start and End.

    Args:
        steps: Title of each step, and its details.
        title: Title of the workflow.
        takes_input: Whether the program uses the input that the workflow is given.

    """
    all_steps = [_start(title, takes_input), *steps, ("End", ["Finishes the workflow."])]
    return "\n".join(
        line
        for number, (name, details) in enumerate(all_steps, start=1)
        for line in (f"{number}. **{name}**", *(f"   {detail}" for detail in _bullets(details)))
    )


def uses_input(tree: ast.Module) -> bool:
    """Tell whether a program uses the input that the workflow is given."""
    return any(isinstance(node, ast.Name) and node.id == _INPUT for node in ast.walk(tree))


def main_actions(tree: ast.Module, vocabulary: Vocabulary, limit: int) -> dict[str, ast.stmt]:
    """Say what the first few distinct known actions do, without arguments, and which statement it is.

    Actions that only serve others are told where there are no others.
    """
    main: dict[str, ast.stmt] = {}
    serving: dict[str, ast.stmt] = {}
    for node in statements_of(tree):
        if api := _known_api(node, vocabulary):
            told = serving if api.function in PLUMBING else main
            told.setdefault(sentence(node, vocabulary, arguments=0), node)
    return dict(islice((main or serving).items(), limit))


def _known_api(node: ast.stmt, vocabulary: Vocabulary) -> Api | None:
    """Return what the catalogue says of the action that a statement calls, if it says what it does."""
    match node:
        case (
            ast.Assign(value=ast.Call(func=ast.Name()) as call)
            | ast.Expr(value=ast.Call(func=ast.Name()) as call)
        ):
            api = vocabulary.api_of(call)
            return api if api and api.description else None
        case _:
            return None


def _start(title: str, takes_input: bool) -> Step:
    source = " with the input that it is given" if takes_input else ""
    return "Start", [f"Begins {quote(title, _TITLE_LIMIT) if title.strip() else 'the workflow'}{source}."]


def _bullets(details: Sequence[str]) -> Iterator[str]:
    for detail in details:
        text = detail.lstrip()
        yield f"{detail[: len(detail) - len(text)]}- {text}"


def _steps(body: Sequence[ast.stmt], vocabulary: Vocabulary) -> Iterator[Step]:
    plain = sum(not branches_of(node) for node in body)
    length = max(_RUN_LENGTH, -(-plain // _MOST_RUNS))
    run: list[ast.stmt] = []
    for node in (node for node in body if not is_bookkeeping(node)):
        if branches_of(node):
            yield from _run_step(run, vocabulary)
            details = _shortened(_block(node, vocabulary, depth=0), _MOST_DETAILS)
            yield _title(sentence(node, vocabulary, arguments=1)), details
            run = []
        else:
            run.append(node)
            if len(run) == length:
                yield from _run_step(run, vocabulary)
                run = []
    yield from _run_step(run, vocabulary)


def _run_step(run: Sequence[ast.stmt], vocabulary: Vocabulary) -> Iterator[Step]:
    """Make a step of a straight run, named after its first action that does more than carry a value on."""
    if run:
        details = [_detail(node, vocabulary) for node in run]
        apis = [_known_api(node, vocabulary) for node in run]
        place = next((index for index, api in enumerate(apis) if api and api.function not in PLUMBING), 0)
        yield _title(details[place].split(": ", 1)[0]), _shortened(details)


def _title(text: str) -> str:
    return one_line(text.replace("*", ""), _TITLE_LIMIT)


def _detail(node: ast.stmt, vocabulary: Vocabulary) -> str:
    return one_line(sentence(node, vocabulary, arguments=1), _LINE_LIMIT)


def _shortened(lines: Sequence[str], limit: int = _SHOWN) -> list[str]:
    more = len(lines) - limit
    return [*lines[:limit], f"Goes on with {more} more details"] if more > 1 else list(lines)


def _block(node: ast.stmt, vocabulary: Vocabulary, depth: int) -> list[str]:
    """Details of a block: its branches by name, each with its statements indented."""
    if isinstance(node, ast.For):
        return _body(node.body, vocabulary, depth)
    return [
        line
        for name, body in _named_branches(node)
        for line in (f"{name}:", *(f"  {inner}" for inner in _body(body, vocabulary, depth)))
    ]


def _named_branches(node: ast.stmt) -> Iterator[tuple[str, list[ast.stmt]]]:
    match node:
        case ast.If(body=body, orelse=orelse):
            yield "Then", body
            if any(not is_bookkeeping(inner) for inner in orelse):
                yield "Otherwise", orelse
        case ast.Match(cases=cases):
            yield from ((choice(case), case.body) for case in cases)


def _body(body: Sequence[ast.stmt], vocabulary: Vocabulary, depth: int) -> list[str]:
    if depth == _DEEPEST:
        return [f"Carries out {len(body)} inner {'step' if len(body) == 1 else 'steps'}"]
    lines: list[str] = []
    run: list[str] = []
    for node in (node for node in body if not is_bookkeeping(node)):
        if branches_of(node):
            inner = (f"  {line}" for line in _block(node, vocabulary, depth + 1))
            lines += [*_shortened(run), f"{_detail(node, vocabulary)}:", *inner]
            run = []
        else:
            run.append(_detail(node, vocabulary))
    return [*lines, *_shortened(run)] or ["Does nothing"]
