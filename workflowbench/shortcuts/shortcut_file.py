"""Makes the file of a shortcut from a program, and makes sure that it can be read again."""

import ast
from collections.abc import Iterator, Mapping

from workflowbench.shortcuts.compilation import compile_module, parse
from workflowbench.shortcuts.limits import bounded_integer
from workflowbench.shortcuts.program_errors import ProgramError, error_at
from workflowbench.shortcuts.property_list import write_shortcut
from workflowbench.shortcuts.reading import read_shortcut
from workflowbench.shortcuts.rejection import RejectedShortcut


def shortcut_of(source: str, functions: Mapping[str, str] | None = None) -> bytes:
    """Compile a program into the bytes of an unsigned `.shortcut` file.

    Args:
        source: The program.
        functions: Action identifier by function name; see `compile_program`.

    Raises:
        ProgramError: The program is not of the style, or no property list can hold what it says.
    """
    module = parse(source)
    tree = compile_module(source, module, functions)
    try:
        data = write_shortcut(tree)
        read_shortcut(data)
    except (OverflowError, UnicodeEncodeError):
        raise next(_unstorable(module), ProgramError(1, 1, "a comment holds half a character")) from None
    except RejectedShortcut as rejection:
        found = rejection.detail.partition(";")[0]
        raise ProgramError(1, 1, f"no shortcut can be made of it: {found}") from None
    return data


def _unstorable(module: ast.Module) -> Iterator[ProgramError]:
    """Find the values that no property list holds, first those on the first line."""
    for statement in module.body:
        for node in ast.walk(statement):
            sign = -1 if isinstance(node, ast.UnaryOp) else 1
            constant = node.operand if isinstance(node, ast.UnaryOp) else node
            if isinstance(constant, ast.Constant) and (reason := _fault(constant.value, sign)):
                yield error_at(node, reason)


def _fault(value: object, sign: int) -> str | None:
    try:
        if isinstance(value, str):
            value.encode()
        elif isinstance(value, int):
            bounded_integer(sign * value)
    except UnicodeEncodeError:
        return "text holds whole characters, not half of a surrogate pair"
    except ValueError:
        return "an integer has 64 bits"
    return None
