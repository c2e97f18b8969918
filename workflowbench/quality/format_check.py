"""The format stage: does a text hold a program of the style that compiles to actions?

Nothing is executed. Hostile text is a finding like any other.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from workflowbench.quality.findings import Finding
from workflowbench.quality.statement_comments import uncommented_lines
from workflowbench.shortcuts.compilation import compile_module, parse
from workflowbench.shortcuts.facts import CodeFacts, code_facts
from workflowbench.shortcuts.implicit_inputs import fill_implicit_inputs
from workflowbench.shortcuts.program_errors import ProgramError, UndefinedNameError
from workflowbench.shortcuts.transcription import MAX_LINES

MAX_CHARACTERS = 4_000_000
"""Characters of a program; the longest real ones have about half a million."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the format stage made of a text.

    Attributes:
        code: The text.
        module: Its syntax tree; None if it does not parse.
        facts: What the compiled program is; None if it does not compile.
        findings: Findings of the stage, in order.

    """

    code: str
    module: ast.Module | None
    facts: CodeFacts | None
    findings: tuple[Finding, ...]


def check_format(code: str, functions: Mapping[str, str] | None = None) -> list[Finding]:
    """Find what keeps a text from being a program of the style.

    Args:
        code: The text.
        functions: Action identifier by function name, as the catalogue knows them.

    """
    return list(read_program(code, functions).findings)


def read_program(code: str, functions: Mapping[str, str] | None = None) -> Reading:
    """Parse and compile a text; what goes wrong is a finding, never an error."""
    if (refusal := _refusal(code)) is not None:
        return Reading(code, None, None, (refusal,))
    try:
        module = parse(code)
    except ProgramError as error:
        return Reading(code, None, None, (_finding("does_not_parse", error),))
    try:
        facts = _compile(code, module, functions)
    except UndefinedNameError as error:
        return Reading(code, module, None, (_finding("undefined_name", error),))
    except ProgramError as error:
        return Reading(code, module, None, (_finding("not_our_style", error),))
    if not facts.n_actions:
        return Reading(code, module, None, (_no_code(),))
    return Reading(code, module, facts, tuple(_missing_comments(code, module)))


def _refusal(code: str) -> Finding | None:
    """Return what is wrong with a text before it is parsed."""
    if not code.strip():
        return _no_code()
    for observed, limit, unit in (
        (len(code), MAX_CHARACTERS, "characters"),
        (code.count("\n"), MAX_LINES, "lines"),
    ):
        if observed > limit:
            detail = f"The text has {observed} {unit}; write a program of at most {limit}."
            return Finding("too_long", 1, 1, detail, float(limit), float(observed))
    return None


def _compile(code: str, module: ast.Module, functions: Mapping[str, str] | None) -> CodeFacts:
    try:
        tree = compile_module(code, module, functions)
        fill_implicit_inputs(tree)
        return code_facts(tree)
    except (RecursionError, MemoryError):
        raise ProgramError(1, 1, "an expression is nested too deep") from None


def _no_code() -> Finding:
    return Finding("no_code", 1, 1, "The text holds no action; write the program.", 1.0, 0.0)


def _finding(rule: str, error: ProgramError) -> Finding:
    reason = error.reason.removeprefix("no Python: ")
    end = "" if reason.endswith((".", "?", "!")) else "."
    return Finding(rule, error.line, error.column, f"{reason[:1].upper()}{reason[1:]}{end}")


def _missing_comments(code: str, module: ast.Module) -> list[Finding]:
    lines = uncommented_lines(code, module)
    if not lines:
        return []
    detail = f"No comment stands above {len(lines)} of the statements; say in one what each does."
    return [Finding("missing_comment", min(lines), 1, detail, 0.0, float(len(lines)))]
