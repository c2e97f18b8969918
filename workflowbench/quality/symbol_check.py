"""The symbolic stage: does a program call what it was given, as the catalogue documents it?

Nothing is executed: names, calls, arguments and blocks are read off the syntax tree.
"""

import ast
from collections.abc import Collection, Iterator
from typing import Literal

from workflowbench.catalogue.api import function_name
from workflowbench.catalogue.collection import Catalogue
from workflowbench.quality.argument_checks import check_arguments
from workflowbench.quality.control_flow import check_control_flow
from workflowbench.quality.findings import Finding
from workflowbench.quality.name_flow import check_names
from workflowbench.quality.program_calls import CONSTRUCTS, ApiCall, api_calls
from workflowbench.shortcuts.compilation import parse
from workflowbench.shortcuts.program_names import find_names

Uses = Literal["all", "any"]
"""How many of the given APIs a program must call."""


def check_symbols(
    program: str | ast.Module, given_apis: Collection[str] | None, catalogue: Catalogue, *, uses: Uses = "all"
) -> list[Finding]:
    """Find what a program calls or says that it may not.

    Args:
        program: A program that passed the format stage, or its syntax tree.
        given_apis: Identifiers of the APIs that it may call, beside those of `CONSTRUCTS`; None for any.
        catalogue: The documentation of the APIs.
        uses: Whether it must call all of the given APIs, or any.

    Returns:
        The findings in order of line and column.

    Raises:
        ProgramError: The program does not parse, or declares a name without its text.

    """
    module = parse(program) if isinstance(program, str) else program
    calls = list(api_calls(module, catalogue))
    found = [
        *_check_apis(calls, given_apis),
        *_check_use(calls, given_apis or (), uses),
        *(finding for call in calls if call.api is not None for finding in check_arguments(call)),
        *check_names(module, find_names(module)),
        *check_control_flow(module),
    ]
    return sorted(found, key=lambda finding: (finding.line, finding.column, finding.rule))


def _check_apis(calls: list[ApiCall], given_apis: Collection[str] | None) -> Iterator[Finding]:
    """Find each API that a program may not call, at its first call."""
    given = {*map(function_name, given_apis or ()), *map(function_name, CONSTRUCTS)}
    reported: set[str] = set()
    for call in sorted(calls, key=lambda call: (call.node.lineno, call.node.col_offset)):
        name = function_name(call.identifier)
        if name in reported:
            continue
        if given_apis is not None and name not in given and not call.is_value:
            reported.add(name)
            yield _at(call, "api_not_given", f"`{call.function}` is none of the given APIs; call only those.")
        if call.api is None:
            reported.add(name)
            detail = f"The catalogue has no API `{call.identifier}`; call one that it documents."
            yield _at(call, "undocumented_api", detail)


def _check_use(calls: list[ApiCall], given_apis: Collection[str], uses: Uses) -> Iterator[Finding]:
    wanted = {function_name(api): api for api in given_apis if api not in CONSTRUCTS}
    unused = sorted(wanted.keys() - {function_name(call.identifier) for call in calls})
    if not unused or (uses == "any" and len(unused) < len(wanted)):
        return
    n_used, n_needed = len(wanted) - len(unused), len(wanted) if uses == "all" else 1
    named = ", ".join(f"`{name}`" for name in unused[:5]) + (" ..." if len(unused) > 5 else "")
    detail = f"{len(unused)} of the {len(wanted)} given APIs are never called: {named}; call them."
    yield Finding("unused_api", 1, 1, detail, float(n_needed), float(n_used))


def _at(call: ApiCall, rule: str, detail: str) -> Finding:
    return Finding(rule, call.node.lineno, call.node.col_offset + 1, detail)
